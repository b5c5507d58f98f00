/** What a mark is painted with. */
export interface Ink {
  /** CSS. */
  color: string;
  /** `0 … 1`. */
  opacity: number;
}

/** A stroke: lines have round ends. `lineWidth` is in the picture's pixels. */
interface Stroke extends Ink {
  lineWidth: number;
}

/** From and to: x1, y1, x2, y2 in the picture's pixels. */
export type Line = readonly [number, number, number, number];

/** The least that canvas and SVG both paint, in the picture's pixels. */
export type Mark =
  | (Stroke & {
      kind: 'rectangle';
      left: number;
      top: number;
      width: number;
      height: number;
      /** Of its corners. */
      radius: number;
    })
  /** `dash` is how far lines go on and off by turns; none is not dashed. */
  | (Stroke & { kind: 'lines'; lines: Line[]; dash: readonly number[] })
  | (Stroke & { kind: 'ring'; x: number; y: number; radius: number })
  | (Ink & { kind: 'disc'; x: number; y: number; radius: number })
  /** Text from `x` on with its baseline at `y`, `size` high, with a dark rim of `lineWidth` around it. */
  | (Stroke & { kind: 'text'; x: number; y: number; size: number; text: string })
  /** Text, `size` high and `textColor`, in the middle of a round-ended field around `x` and `y`. */
  | (Ink & {
      kind: 'pill';
      x: number;
      y: number;
      width: number;
      height: number;
      size: number;
      text: string;
      textColor: string;
    });

/** What is painted on, in the picture's pixels. */
export interface Surface {
  /** One of CSS's pixels. */
  pixel: number;
  /** The longer side. */
  side: number;
  /** Where it begins and ends; the picture may reach beyond. */
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Lies under every colour, so that it shows on any picture. */
export const RIM: Readonly<Ink> = { color: '#000', opacity: 0.55 };

/** How far below its middle the baseline of a text lies, in its heights: half of a digit's height. */
export const PILL_BASELINE = 0.36;
