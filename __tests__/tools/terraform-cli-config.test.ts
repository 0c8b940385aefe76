import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Places, findMirror } from "../../tools/support/provider-mirror";
import { terraformVariables } from "../../tools/support/terraform-cli-config";

let folder: string;
let places: Places;
/** Without the machine's own shared folders, which may hold a mirror. */
let env: Record<string, string>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terraform-"));
  places = {
    home: join(folder, "home"),
    systemFolders: [join(folder, "opt")],
    ours: join(folder, "ours"),
  };
  env = { XDG_DATA_DIRS: join(folder, "share") };
  mkdirSync(places.home);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function mirror(...path: string[]): string {
  return mirrorOf("registry.terraform.io", ...path);
}

function mirrorOf(registry: string, ...path: string[]): string {
  const at = join(folder, ...path);
  mkdirSync(join(at, registry, "hashicorp", "aws", "5.100.0", "linux_amd64"), { recursive: true });
  return at;
}

function configuration(variables: Readonly<Record<string, string>>): string {
  return readFileSync(String(variables["TF_CLI_CONFIG_FILE"]), "utf8");
}

test("a working TF_CLI_CONFIG_FILE is kept, mirror or not", () => {
  mirror("opt", "plugins");
  const file = join(folder, "my.tfrc");
  writeFileSync(file, "");
  expect(terraformVariables({ ...env, TF_CLI_CONFIG_FILE: file }, places)).toEqual({ TF_CLI_CONFIG_FILE: file });
});

test.each([[".terraformrc"], [".terraform.d/mirror.tfrc"], [".terraform.d/mirror.tfrc.json"]])(
  "the user's own ~/%s is left to Terraform, and a TF_CLI_CONFIG_FILE that names no file is not passed on",
  (name) => {
    mirror("opt", "plugins");
    mkdirSync(join(places.home, ".terraform.d"));
    writeFileSync(join(places.home, name), "");
    expect(terraformVariables({ ...env, TF_CLI_CONFIG_FILE: join(folder, "none") }, places)).toEqual({});
  },
);

test("a configuration of ours that is right is not written again, since a Terraform may be reading it", () => {
  mirror("opt", "plugins");
  const file = String(terraformVariables(env, places)["TF_CLI_CONFIG_FILE"]);
  const text = readFileSync(file, "utf8");
  utimesSync(file, 1, 1);
  terraformVariables(env, places);
  expect(statSync(file).mtimeMs).toBe(1000);
  writeFileSync(file, "another mirror");
  terraformVariables(env, places);
  expect([readFileSync(file, "utf8"), readdirSync(places.ours)]).toEqual([text, ["terraform.rc"]]);
});

test.each([["opt"], ["opt", "plugins"], ["opt", "terraform", "mirror"]])(
  "a mirror under a system folder is written into a configuration of ours: %s",
  (...path) => {
    const at = mirror(...path);
    const variables = terraformVariables({ ...env, TF_CLI_CONFIG_FILE: join(folder, "none") }, places);
    expect(variables).toEqual({ TF_CLI_CONFIG_FILE: join(places.ours, "terraform.rc") });
    expect(configuration(variables)).toContain(`path    = ${JSON.stringify(at)}`);
  },
);

test("Terraform's implied places come before the system's folders", () => {
  mirror("opt", "plugins");
  const implied = mirror("home", ".terraform.d", "plugins");
  expect(findMirror(env, places)).toBe(implied);
});

test.each([
  ["share", "terraform", "plugins"],
  ["home", ".local", "share", "terraform", "plugins"],
])("the XDG folders are searched: %s", (...path) => {
  expect(findMirror({ ...env }, { ...places })).toBeUndefined();
  const at = mirror(...path);
  expect(findMirror(env, places)).toBe(at);
});

test("packed providers are a mirror too", () => {
  const provider = join(folder, "opt", "registry.terraform.io", "hashicorp", "aws");
  mkdirSync(provider, { recursive: true });
  writeFileSync(join(provider, "terraform-provider-aws_5.100.0_linux_amd64.zip"), "");
  expect(findMirror(env, places)).toBe(join(folder, "opt"));
});

test("a mirror of another version is none, and the search ends two folders deep", () => {
  mkdirSync(join(folder, "opt", "old", "registry.terraform.io", "hashicorp", "aws", "5.99.1"), { recursive: true });
  mirror("opt", "a", "b", "too-deep");
  expect(findMirror(env, places)).toBeUndefined();
});

test("without any of these, Terraform asks its registry and keeps what it downloads", () => {
  const variables = terraformVariables({ ...env, TF_CLI_CONFIG_FILE: join(folder, "none") }, places);
  expect(Object.keys(variables)).toEqual(["TF_PLUGIN_CACHE_DIR"]);
  expect(existsSync(String(variables["TF_PLUGIN_CACHE_DIR"]))).toBe(true);
  expect(existsSync(join(places.ours, "terraform.rc"))).toBe(false);
});

describe("OpenTofu", () => {
  const PLATFORM = ["registry.opentofu.org", "hashicorp", "aws", "5.100.0", "linux_amd64"];

  beforeEach(() => {
    env = { ...env, TERRAFORM_BINARY_NAME: "tofu" };
  });

  test("takes a mirror of its own registry first, and a configuration beside Terraform's", () => {
    mirror("opt", "a-terraform");
    const at = mirrorOf("registry.opentofu.org", "opt", "b-tofu");
    const variables = terraformVariables(env, places);
    expect(variables).toEqual({ TF_CLI_CONFIG_FILE: join(places.ours, "tofu.rc") });
    expect(configuration(variables)).toContain(`path    = ${JSON.stringify(at)}`);
    expect(configuration(variables)).toContain('include = ["registry.opentofu.org/hashicorp/aws"]');
    expect(configuration(terraformVariables({ ...env, TERRAFORM_BINARY_NAME: "terraform" }, places))).toContain(
      'include = ["registry.terraform.io/hashicorp/aws"]',
    );
  });

  test("is served from Terraform's mirror by links, of which a right one stays and a wrong one is made anew", () => {
    const at = mirror("opt", "plugins");
    const package_ = join(at, "registry.terraform.io", "hashicorp", "aws", "5.100.0", "linux_amd64");
    const link = join(places.ours, "opentofu-mirror", ...PLATFORM);
    terraformVariables(env, places);
    expect(realpathSync(link)).toBe(realpathSync(package_));

    const { ino } = lstatSync(link);
    const variables = terraformVariables(env, places);
    expect(lstatSync(link).ino).toBe(ino);
    expect(configuration(variables)).toContain(JSON.stringify(join(places.ours, "opentofu-mirror")));

    const implied = mirror("home", ".terraform.d", "plugins");
    terraformVariables(env, places);
    expect(realpathSync(link)).toContain(realpathSync(implied));
  });

  test("does not keep the configuration that was written for Terraform, and Terraform not OpenTofu's", () => {
    mirror("opt", "plugins");
    const [tofus, terraforms] = [join(places.ours, "tofu.rc"), join(places.ours, "terraform.rc")];
    const terraform = { ...env, TERRAFORM_BINARY_NAME: "" };
    expect(terraformVariables({ ...terraform, ...terraformVariables(env, places) }, places)).toEqual({
      TF_CLI_CONFIG_FILE: terraforms,
    });
    expect(terraformVariables({ ...env, TF_CLI_CONFIG_FILE: terraforms }, places)).toEqual({
      TF_CLI_CONFIG_FILE: tofus,
    });
  });

  test("is served from packed providers as well", () => {
    const provider = join(folder, "opt", "registry.terraform.io", "hashicorp", "aws");
    mkdirSync(provider, { recursive: true });
    writeFileSync(join(provider, "terraform-provider-aws_5.100.0_linux_amd64.zip"), "zip");
    const zip = join(
      String(findMirror(env, places)),
      ...PLATFORM.slice(0, 3),
      "terraform-provider-aws_5.100.0_linux_amd64.zip",
    );
    expect(readFileSync(zip, "utf8")).toBe("zip");
  });

  test("without any mirror asks its registry", () => {
    expect(Object.keys(terraformVariables(env, places))).toEqual(["TF_PLUGIN_CACHE_DIR"]);
  });

  test("keeps to the user's own ~/.tofurc, which Terraform does not read", () => {
    mirror("opt", "plugins");
    writeFileSync(join(places.home, ".tofurc"), "");
    expect(terraformVariables(env, places)).toEqual({});
    expect(terraformVariables({ ...env, TERRAFORM_BINARY_NAME: "" }, places)).not.toEqual({});
  });
});
