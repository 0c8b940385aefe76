import { type Box } from "./boxes";

/** What an arrow says, from the strongest: where several hold between two boxes, the first draws the line. */
export const FLOWS = {
  network: "may connect, on this port",
  message: "messages",
  call: "starts",
  access: "reads or writes",
  image: "runs this image",
  failure: "what fails",
} as const;
export type Flow = keyof typeof FLOWS;

/** One thing that the stack says about two boxes. */
export interface Arrow {
  readonly from: Box;
  readonly to: Box;
  /** A port or a verb. */
  readonly label: string;
  readonly flow: Flow;
}
