import { checksumFindings } from "../../../tools/doctor/checksum";
import type { StateVersion } from "../../../tools/support/state-object";

const stack = { bucket: "states", key: "flow-builder/fb-dev/terraform.tfstate", lockTable: "locks" };
const state = { text: "{}", md5: "now", written: new Date("2026-11-21T12:10:00Z") };
const version = (id: string, md5: string, latest = false): StateVersion => ({
  ...{ id, md5, latest, deleted: false, written: new Date("2026-11-21T12:00:00Z") },
});
const serials: Readonly<Record<string, number>> = { old: 3, current: 7, later: 9 };
const drop = [
  ...["aws", "dynamodb", "delete-item", "--table-name", "locks"],
  ...["--key", `{"LockID":{"S":"states/${stack.key}-md5"}}`],
];

const findings = (question: Partial<Parameters<typeof checksumFindings>[1]>) =>
  checksumFindings(stack, {
    ...{ busy: false, state, serial: 7, digest: "now", versions: [version("current", "now", true)] },
    serialOf: ({ id }) => Promise.resolve(serials[id]),
    ...question,
  });

test("a checksum that fits is a fact", async () => {
  expect(await findings({})).toMatchObject([{ level: "fact", commands: [] }]);
});

test("a table without the item asks for nothing: the next apply writes it", async () => {
  expect(await findings({ digest: undefined })).toMatchObject([{ level: "note", commands: [] }]);
  expect(await findings({ digest: undefined, state: undefined })).toMatchObject([{ level: "fact" }]);
});

test("the checksum of the version before: Terraform was killed between the two writes", async () => {
  const [found] = await findings({
    digest: "before",
    versions: [version("current", "now", true), version("old", "before")],
  });
  expect(found).toMatchObject({ level: "problem", commands: [drop] });
  expect(found?.text).toContain("killed between writing the state and its checksum");
  expect(found?.text).toContain("serial 3");
});

test("while somebody is at work the checksum stays: the state may just have been written, and it not yet", async () => {
  const versions = [version("current", "now", true), version("old", "before")];
  expect(await findings({ busy: true, digest: "before", versions })).toMatchObject([{ level: "note", commands: [] }]);
  expect(await findings({ busy: true })).toMatchObject([{ level: "fact" }]);
});

test("the checksum of a later version: an older state was restored", async () => {
  const [found] = await findings({
    digest: "after",
    versions: [version("current", "now", true), version("later", "after")],
  });
  expect(found).toMatchObject({ level: "problem", commands: [drop] });
  expect(found?.text).toContain("an older one was restored");
});

test("a checksum of no version: the table was restored, or the state written by hand", async () => {
  const [found] = await findings({ digest: "elsewhere" });
  expect(found).toMatchObject({ level: "problem", commands: [drop] });
  expect(found?.text).toContain("of no version");
});

test("that of a deleted state stays: it fits again when the state is back", async () => {
  const marker: StateVersion = { id: "marker", written: new Date(), latest: true, deleted: true };
  const versions = [marker, version("current", "now")];
  expect(await findings({ state: undefined, versions })).toMatchObject([{ level: "note", commands: [] }]);
});

test("of a state that is gone for good, the checksum has to go too", async () => {
  expect(await findings({ state: undefined, versions: [] })).toMatchObject([{ level: "problem", commands: [drop] }]);
});
