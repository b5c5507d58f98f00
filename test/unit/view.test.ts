import { describe, expect, test } from 'vitest';
import { around, held, moved, WHOLE, zoomed } from '../../demo/view.ts';

const sizes = { field: { width: 400, height: 300 }, picture: { width: 300, height: 300 } };

describe('what is seen of a picture', () => {
  test('stays where it is under the point at which one zooms', () => {
    const at = { x: 40, y: -70 };
    // Where in the picture the point is, from its middle.
    const under = ({ zoom, x, y }: typeof WHOLE) => [(at.x - x) / zoom, (at.y - y) / zoom];
    let view = WHOLE;
    for (let step = 0; step < 4; step++) {
      const next = zoomed(view, 1.7, at, sizes);
      // Where the picture is narrower than the field it stays in the middle.
      if (next.zoom * 300 > 400 && view.zoom * 300 > 400)
        expect(under(next)[0]).toBeCloseTo(under(view)[0] ?? 0, 6);
      expect(under(next)[1]).toBeCloseTo(under(view)[1] ?? 0, 6);
      view = next;
    }
    expect(view.zoom).toBeCloseTo(1.7 ** 4, 6);
  });

  test('is never less than the whole, nor more than sixteen times', () => {
    expect(zoomed(WHOLE, 0.5, { x: 100, y: 50 }, sizes)).toEqual(WHOLE);
    expect(zoomed(WHOLE, 1000, { x: 0, y: 0 }, sizes).zoom).toBe(16);
    // All the way back it is where it was.
    expect(zoomed(zoomed(WHOLE, 5, { x: 90, y: 90 }, sizes), 0.01, { x: -90, y: 20 }, sizes)).toEqual(WHOLE);
  });

  test('moves as far as to its edges', () => {
    const view = zoomed(WHOLE, 2, { x: 0, y: 0 }, sizes);
    expect(moved(view, { x: 30, y: -20 }, sizes)).toEqual({ zoom: 2, x: 30, y: -20 });
    expect(moved(view, { x: 3000, y: -3000 }, sizes)).toEqual({ zoom: 2, x: 100, y: -150 });
    expect(held({ zoom: 1, x: 50, y: 50 }, sizes)).toEqual(WHOLE);
  });

  test('can be a part that fills the field', () => {
    const view = around({ left: 0.4, top: 0.4, width: 0.2, height: 0.2 }, sizes);
    expect(view.zoom).toBeCloseTo(0.85 * 5, 6);
    expect([view.x, view.y].map((length) => Math.abs(Math.round(length)))).toEqual([0, 0]);
    // In the corner: as far as it goes.
    const corner = around({ left: 0, top: 0, width: 0.1, height: 0.1 }, sizes);
    expect(corner.x).toBeCloseTo((corner.zoom * 300 - 400) / 2, 6);
    expect(around({ left: 0, top: 0, width: 1, height: 1 }, sizes)).toEqual(WHOLE);
  });
});
