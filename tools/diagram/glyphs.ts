import { type Glyph } from "./kinds";

/** The small pictures, in a square of 24 × 24, as outlines. */
export const GLYPHS: Readonly<Record<Glyph, string>> = {
  globe: '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c-6 5-6 12 0 17M12 3.5c6 5 6 12 0 17"/>',
  balancer:
    '<circle cx="12" cy="5.5" r="2.5"/><path d="M12 8v4M5 16v-4h14v4M12 12v4"/><circle cx="5" cy="18" r="2"/><circle cx="12" cy="18" r="2"/><circle cx="19" cy="18" r="2"/>',
  containers: '<path d="M12 3l7.8 4.5v9L12 21l-7.8-4.5v-9zM4.2 7.5L12 12l7.8-4.5M12 12v9"/>',
  lambda: '<path d="M6 4h4l8 16M11 9.500L5.5 20"/>',
  cylinder:
    '<ellipse cx="12" cy="6" rx="7.5" ry="2.8"/><path d="M4.5 6v12c0 1.6 3.4 2.8 7.5 2.800s7.5-1.2 7.5-2.800V6M4.5 12c0 1.6 3.4 2.8 7.5 2.800s7.5-1.2 7.5-2.8"/>',
  bucket: '<path d="M4 6l2.2 14h11.600L20 6"/><ellipse cx="12" cy="6" rx="8" ry="2.5"/>',
  queue:
    '<rect x="2.5" y="7" width="5" height="10" rx="1"/><rect x="9.5" y="7" width="5" height="10" rx="1"/><rect x="16.5" y="7" width="5" height="10" rx="1"/>',
  topic: '<circle cx="5.5" cy="12" r="2.5"/><path d="M8 12h4M12 6h6M12 12h6M12 18h6M12 6v12"/>',
  clock: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2.5"/>',
  bell: '<path d="M5 17h14c-1.5-2-2-3.5-2-7a5 5 0 0 0-10 0c0 3.5-.5 5-2 7zM10 20h4"/>',
  chart: '<path d="M4 4v16h16M7.5 15l4-5 3 3 5-6"/>',
  image: '<rect x="4" y="4" width="16" height="16" rx="2"/><path d="M4 9h16M9 9v11"/>',
  key: '<circle cx="8" cy="12" r="4"/><path d="M12 12h9v4M17 12v3"/>',
  trail: '<path d="M6 3h9l4 4v14H6zM9 11h7M9 15h7"/>',
  mail: '<rect x="3" y="5.5" width="18" height="13" rx="1.5"/><path d="M3.5 7l8.5 6.500L20.5 7"/>',
  flow: '<rect x="9" y="3" width="6" height="5" rx="1"/><rect x="3" y="16" width="6" height="5" rx="1"/><rect x="15" y="16" width="6" height="5" rx="1"/><path d="M12 8v4M6 16v-4h12v4"/>',
  cube: '<rect x="4" y="4" width="16" height="16" rx="2"/>',
};
