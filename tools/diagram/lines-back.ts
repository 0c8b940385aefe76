import { type Architecture, type Line } from "./architecture";

/**
 * The lines that lead back, where lines go round in a circle: turned, they leave none. Graphviz would choose them itself,
 * and could choose what keeps the tiers in their order.
 */
export function linesBack({ network, boxes, lines }: Architecture): ReadonlySet<Line> {
  const tiers: readonly string[] = network.tiers.map(({ name }) => name);
  // A tier is one place: all that is in it stands in one row.
  const places = new Map<string, string>(boxes.map(({ id, tier }) => [id, tier ? `tier ${tier}` : id]));
  const state = new Map<string, "open" | "done">();
  const back = new Set<Line>();

  const visit = (place: string): void => {
    if (state.has(place)) return;
    state.set(place, "open");
    const below = tiers[tiers.indexOf(place.replace("tier ", "")) + 1];
    if (place.startsWith("tier ") && below !== undefined) visit(`tier ${below}`);
    for (const line of lines) {
      const to = places.get(line.to);
      if (places.get(line.from) !== place || to === undefined || to === place) continue;
      if (state.get(to) === "open") back.add(line);
      visit(to);
    }
    state.set(place, "done");
  };

  for (const tier of tiers) visit(`tier ${tier}`);
  for (const { id } of boxes) visit(places.get(id) ?? id);
  return back;
}
