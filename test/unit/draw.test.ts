import { describe, expect, test } from 'vitest';
import { fitSize, inPixels } from '../../src/draw/fit.ts';

describe('how large CSS shows a picture', () => {
  const box = { width: 400, height: 200 };
  const wide = { width: 800, height: 200 };
  const small = { width: 100, height: 100 };

  test.each([
    ['contain', wide, { width: 400, height: 100 }],
    ['contain', small, { width: 200, height: 200 }],
    ['cover', wide, { width: 800, height: 200 }],
    ['fill', wide, { width: 400, height: 200 }],
    ['none', small, { width: 100, height: 100 }],
    ['scale-down', small, { width: 100, height: 100 }],
    ['scale-down', wide, { width: 400, height: 100 }],
    // Not known yet.
    ['contain', { width: 0, height: 0 }, { width: 0, height: 0 }],
  ])('%s of %o', (fit, content, wanted) => {
    expect(fitSize(content, box, fit)).toEqual(wanted);
  });
});

describe('what is left for CSS to compute', () => {
  test.each([
    ['50% 10px', 300, 'calc(50 * 3px) 10px'],
    ['calc(100% - 20px) -5.5%', -200, 'calc(calc(100 * -2px) - 20px) calc(-5.5 * -2px)'],
    ['max(1e-3%, 1px) 0px', 100, 'max(calc(1e-3 * 1px), 1px) 0px'],
  ])('of %s with %i pixels to share', (length, room, wanted) => {
    expect(inPixels(length, room)).toBe(wanted);
  });
});
