import { Alarm, type TreatMissingData } from "../../tools/simulation/alarm";

const alarm = (datapointsToAlarm: number, treatMissingData: TreatMissingData): Alarm =>
  new Alarm(
    {
      name: "test",
      comparison: "GreaterThanThreshold",
      threshold: 0,
      period: 1,
      evaluationPeriods: 3,
      datapointsToAlarm,
      treatMissingData,
      dataPoint: () => undefined,
    },
    2,
  );
const VALUES: Readonly<Record<string, number | undefined>> = { "0": 0, X: 1, "-": undefined };
const judged = (points: string, datapoints: number, missing: TreatMissingData): string => {
  const one = alarm(datapoints, missing);
  return one.judge([...points].reverse().map((point) => VALUES[point]));
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-evaluating-missing-data */
describe("the simulated alarm decides as the tables of CloudWatch's guide say", () => {
  test.each([
    ["0-X-X", "OK", "OK", "OK"],
    ["0----", "OK", "ALARM of the next minute", "OK"],
    ["-----", "INSUFFICIENT_DATA", "ALARM", "OK"],
    ["0XX-X", "ALARM", "ALARM", "ALARM"],
    ["--X--", "ALARM", "ALARM", "OK"],
    ["----X", "INSUFFICIENT_DATA", "ALARM", "OK"],
  ])("3 of 3, %s", (points, missing, breaching, notBreaching) => {
    expect(judged(points, 3, "missing")).toBe(missing);
    expect(judged(points, 3, "breaching")).toBe(breaching === "ALARM of the next minute" ? "OK" : breaching);
    expect(judged(points, 3, "notBreaching")).toBe(notBreaching);
  });

  test.each([
    ["0-X-X", "ALARM", "ALARM", "ALARM"],
    ["00X0X", "ALARM", "ALARM", "ALARM"],
    ["0-X--", "OK", "ALARM", "OK"],
    ["----0", "OK", "ALARM", "OK"],
    ["---X-", "ALARM", "ALARM", "OK"],
  ])("2 of 3, %s", (points, missing, breaching, notBreaching) => {
    expect(judged(points, 2, "missing")).toBe(missing);
    expect(judged(points, 2, "breaching")).toBe(breaching);
    expect(judged(points, 2, "notBreaching")).toBe(notBreaching);
  });

  test("ignored data leaves the state as it was", () => {
    const one = alarm(3, "ignore");
    expect(one.judge([1, 1, 1])).toBe("ALARM");
    expect(one.judge([undefined, undefined, 1, undefined, undefined])).toBe("ALARM");
    expect(one.judge([0, 1, 1])).toBe("OK");
    expect(one.judge([])).toBe("OK");
  });
});
