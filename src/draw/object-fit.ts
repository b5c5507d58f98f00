/** A rectangle; lengths in CSS pixels. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Width and height. */
export type Size = Pick<Rectangle, 'width' | 'height'>;

/**
 * How large CSS shows a picture in its element.
 * @param content the picture's own size
 * @param box the element's content box
 * @param fit computed `object-fit`
 */
export function fitSize(content: Size, box: Size, fit: string): Size {
  if (!(content.width > 0 && content.height > 0)) return { width: 0, height: 0 };
  const across = box.width / content.width;
  const down = box.height / content.height;
  const by = (scale: number) => ({ width: scale * content.width, height: scale * content.height });
  switch (fit) {
    case 'fill':
      return box;
    case 'cover':
      return by(Math.max(across, down));
    case 'none':
      return by(1);
    case 'scale-down':
      return by(Math.min(1, across, down));
    default:
      return by(Math.min(across, down));
  }
}

/**
 * A computed length with its percentages as lengths, for CSS to compute the rest: `calc()`, `min()` and
 * whatever else there will be.
 * @param room what a hundred percent are, in CSS pixels; may be below 0, which no box could be
 */
export function inPixels(length: string, room: number): string {
  const percentage = /([-+]?[\d.]+(?:e[-+]?\d+)?)%/gi;
  return length.replace(percentage, (_, share: string) => `calc(${share} * ${room / 100}px)`);
}
