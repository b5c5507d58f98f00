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
 * Where CSS puts a picture in its element, which may be beyond the element's edges.
 * @param content the picture's own size
 * @param box the element's content box
 * @param fit computed `object-fit`
 * @param position computed `object-position`: two lengths in percent or `px`
 */
export function fitContent(content: Size, box: Size, fit: string, position: string): Rectangle {
  const { width, height } = scaled(content, box, fit);
  const [x = '', y = ''] = position.split(' ');
  return { left: offset(x, box.width - width), top: offset(y, box.height - height), width, height };
}

function scaled(content: Size, box: Size, fit: string): Size {
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

/** @param room what the picture leaves of the element: negative where it is larger */
function offset(length: string, room: number): number {
  const value = Number.parseFloat(length);
  if (!Number.isFinite(value)) return room / 2;
  return length.endsWith('%') ? (room * value) / 100 : value;
}
