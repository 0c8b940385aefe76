import { lostTable } from "../../../tools/doctor/diagnosis";

test("a table that is not there is made by the bootstrap where that broke off, and otherwise as the book says", () => {
  const made = (state: boolean) => lostTable("dev", { lockTable: "locks" }, state);
  expect(made(false)).toMatchObject({ level: "problem", commands: [["npm", "run", "bootstrap", "--", "dev"]] });
  expect(made(true)).toMatchObject({ level: "problem", commands: [], text: expect.stringContaining("-lock=false") });
});
