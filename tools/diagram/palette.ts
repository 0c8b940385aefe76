import { type Flow } from "./arrow";
import { type Family } from "./kinds";
import { type TierName } from "./network-tiers";

/** Dark enough for small text on white: 4.5 to 1 and more. */
export const INK = "#1f2328";
export const FADED = "#59636e";

export const FAMILIES: Readonly<Record<Family, string>> = {
  entry: "#6f42c1",
  compute: "#b84d00",
  store: "#1f5fbf",
  message: "#bf3989",
  time: "#9a6700",
  watch: "#1a7f37",
  image: "#57606a",
  secret: "#a40e26",
  other: "#424a53",
};

export interface Stroke {
  readonly colour: string;
  /** Lengths of dash and gap; a line without them is whole. */
  readonly dashes?: string;
}

export const STROKES: Readonly<Record<Flow, Stroke>> = {
  network: { colour: FAMILIES.store },
  message: { colour: FAMILIES.message },
  call: { colour: FAMILIES.time },
  access: { colour: FADED, dashes: "6 4" },
  image: { colour: FADED, dashes: "1 4" },
  failure: { colour: "#cf222e", dashes: "3 3" },
};

export const VPC_STROKE = FAMILIES.entry;
export const VPC_FILL = "#fafbfc";
export const TIER_FILLS: Readonly<Record<TierName, string>> = {
  public: "#e9f6ec",
  private: "#e8f1fc",
  isolated: "#f1ecfb",
};
