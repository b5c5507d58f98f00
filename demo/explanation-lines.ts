/** What a line of the explanation on the picture stands for. */
export type LineKind = 'person' | 'closer' | 'again' | 'dropped' | 'square';

/** How a line looks. Lengths are in widths of a bone. */
interface LineLook {
  color: string;
  width: number;
  /** On and off in turns; a line of its own for whoever cannot tell the colours apart. */
  dash: readonly number[];
}

/** In the order of the legend; all have a dark rim, since any picture may lie under them. */
export const LINES: Readonly<Record<LineKind, LineLook>> = {
  person: { color: '#ffffff', width: 0.8, dash: [] },
  closer: { color: '#a8f08f', width: 0.6, dash: [5, 2, 1, 2] },
  again: { color: '#ffe14d', width: 0.7, dash: [3, 2] },
  dropped: { color: '#ff8fb8', width: 1, dash: [0.01, 2.2] },
  square: { color: '#7fe3ff', width: 0.5, dash: [1.2, 2] },
};

/** Lies under every line. */
export const RIM = { color: 'rgb(0 0 0 / 55%)', width: 0.35 };

/** A short piece of the line, as the legend shows it beside its label. */
export function lineSample(kind: LineKind): SVGSVGElement {
  const { color, width, dash } = LINES[kind];
  const bone = 4;
  const svg = createSvg('svg', { class: 'line', viewBox: '0 0 40 16', width: '40', height: '16' });
  svg.ariaHidden = 'true';
  svg.append(
    createSvg('path', {
      d: 'M5 8h31',
      stroke: color,
      'stroke-width': String(width * bone),
      'stroke-dasharray': dash.map((length) => length * bone).join(' '),
    }),
  );
  return svg;
}

function createSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
