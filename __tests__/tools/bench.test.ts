import { criticalChain, dependencies, durations } from "../../tools/bench/critical-chain";
import { Samples, median } from "../../tools/bench/samples";
import { table } from "../../tools/bench/table";

const run = (cpu: number, memory = 0) => ({ cpu, wall: 2 * cpu, memory });

test("a median is the middle value, or the mean of the two in the middle, whatever the order", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 9, 1, 2])).toBe(5.5);
  expect(() => median([])).toThrow(RangeError);
});

test("a ratio compares the runs of one round, so that a machine that slows down changes nothing", () => {
  const samples = new Samples("yardstick");
  for (const slowdown of [1, 10, 3]) {
    samples.add("yardstick", run(slowdown));
    samples.add("app", run(5 * slowdown, slowdown));
  }
  expect(samples.ratio("app")).toBe(5);
  expect(samples.median("app", "memory")).toBe(3);
});

test("durations are read as Terraform prints them, also behind cdktf's stack names and paths", () => {
  const lines = [
    "dev-stack  aws_db_instance.database (database/this): Creation complete after 1m20s [id=db-1]",
    "           aws_vpc.network: Creation complete after 11s [id=vpc-1]",
    "aws_lb.slow: Creation complete after 1h2m3s [id=x]",
    "data.aws_ami.image: Read complete after 2s [id=ami-1]",
    "ephemeral.aws_secretsmanager_random_password.password: Opening complete after 0s",
    "aws_db_instance.database (database/this): Still creating... [00m10s elapsed]",
    "aws_lb.old: Destruction complete after 5s",
  ];
  expect([...durations(lines)]).toEqual([
    ["aws_db_instance.database", 80],
    ["aws_vpc.network", 11],
    ["aws_lb.slow", 3723],
    ["data.aws_ami.image", 2],
    ["ephemeral.aws_secretsmanager_random_password.password", 0],
  ]);
});

test("an element waits for what its expressions and its depends_on name, and not for what its path or a text does", () => {
  const waitsFor = dependencies({
    resource: {
      aws_vpc: { network: { "//": { metadata: { path: "aws_subnet.a" } } } },
      aws_subnet: { a: { vpc_id: "${aws_vpc.network.id}", tags: { note: "like aws_subnet.b, aws_lb.x" } } },
      aws_lb: {
        x: {
          subnets: '${[for s in [aws_subnet.a] : "${s.id}"]}',
          depends_on: ["data.aws_ami.image", "aws_vpc.network"],
        },
      },
    },
    data: { aws_ami: { image: { name: "${aws_vpc.unknown.id}" } } },
  });
  expect(Object.fromEntries(waitsFor)).toEqual({
    "aws_vpc.network": [],
    "aws_subnet.a": ["aws_vpc.network"],
    "aws_lb.x": ["aws_subnet.a", "data.aws_ami.image", "aws_vpc.network"],
    "data.aws_ami.image": [],
  });
});

test("the critical chain is the longest in seconds, not in links, and leaves out what took none", () => {
  const taken = new Map(Object.entries({ a: 11, b: 0, c: 80, d: 1, e: 30, f: 30, g: 30 }));
  const waitsFor = new Map(Object.entries({ a: [], b: ["a"], c: ["b"], d: ["c", "g"], e: [], f: ["e"], g: ["f"] }));
  expect(criticalChain(taken, waitsFor)).toEqual([
    { address: "a", seconds: 11 },
    { address: "c", seconds: 80 },
    { address: "d", seconds: 1 },
  ]);
});

test("a table has its columns below each other, and says which goals are not met", () => {
  const text = table([
    { what: "app", figure: "5.0 ×", goal: "≤ 7 ×", met: true },
    { what: "tests", figure: "20 s", goal: "< 15 s", met: false },
    { what: "load", figure: "0.2 s" },
  ]);
  expect(text.split("\n")).toEqual([
    "       measured  goal",
    "app    5.0 ×     ≤ 7 ×   met",
    "tests  20 s      < 15 s  NOT MET",
    "load   0.2 s",
  ]);
});
