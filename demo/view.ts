/** Width and height in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** In CSS pixels, from the middle of the field. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is seen of a picture: how much larger it is than when it is seen whole, and where its middle lies. */
export interface View extends Point {
  readonly zoom: number;
}

/** The field, and the picture when it is seen whole, in the field's middle. */
export interface Sizes {
  readonly field: Size;
  readonly picture: Size;
}

/** The whole picture. */
export const WHOLE: View = { zoom: 1, x: 0, y: 0 };

/** At this a face in a crowd fills the field. */
const CLOSEST = 16;

/** The same view so many times as large; what lies at a point stays there. */
export function zoomed(view: View, by: number, at: Point, sizes: Sizes): View {
  const zoom = Math.min(Math.max(view.zoom * by, 1), CLOSEST);
  const grown = zoom / view.zoom;
  return held({ zoom, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown }, sizes);
}

/** The same view moved. */
export function moved(view: View, by: Point, sizes: Sizes): View {
  return held({ zoom: view.zoom, x: view.x + by.x, y: view.y + by.y }, sizes);
}

/**
 * The view that a part of the picture fills, with some room around it.
 * @param part in shares of the picture, `0 … 1`
 */
export function around(
  part: { left: number; top: number; width: number; height: number },
  { field, picture }: Sizes,
): View {
  const fit = Math.min(
    field.width / (part.width * picture.width),
    field.height / (part.height * picture.height),
  );
  const zoom = Math.min(Math.max(0.85 * fit, 1), CLOSEST);
  const x = (0.5 - part.left - part.width / 2) * picture.width * zoom;
  const y = (0.5 - part.top - part.height / 2) * picture.height * zoom;
  return held({ zoom, x, y }, { field, picture });
}

/** The nearest view that leaves no part of the field empty which the picture could fill. */
export function held({ zoom, x, y }: View, { field, picture }: Sizes): View {
  const across = Math.max(0, (zoom * picture.width - field.width) / 2);
  const down = Math.max(0, (zoom * picture.height - field.height) / 2);
  // Adding 0 makes of -0 a 0.
  return { zoom, x: Math.min(Math.max(x, -across), across) + 0, y: Math.min(Math.max(y, -down), down) + 0 };
}
