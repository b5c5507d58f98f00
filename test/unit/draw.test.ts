import { describe, expect, test } from 'vitest';
import { fitContent } from '../../src/draw/fit.ts';

describe('where CSS puts a picture', () => {
  const box = { width: 400, height: 200 };
  const wide = { width: 800, height: 200 };
  const small = { width: 100, height: 100 };

  test.each([
    ['contain', wide, '50% 50%', { left: 0, top: 50, width: 400, height: 100 }],
    ['contain', small, '0% 50%', { left: 0, top: 0, width: 200, height: 200 }],
    ['contain', small, '100% 100%', { left: 200, top: 0, width: 200, height: 200 }],
    ['contain', small, '10px -5px', { left: 10, top: -5, width: 200, height: 200 }],
    ['cover', wide, '50% 50%', { left: -200, top: 0, width: 800, height: 200 }],
    ['cover', wide, '25% 0%', { left: -100, top: 0, width: 800, height: 200 }],
    ['fill', wide, '50% 50%', { left: 0, top: 0, width: 400, height: 200 }],
    ['none', small, '50% 50%', { left: 150, top: 50, width: 100, height: 100 }],
    ['scale-down', small, '50% 50%', { left: 150, top: 50, width: 100, height: 100 }],
    ['scale-down', wide, '50% 50%', { left: 0, top: 50, width: 400, height: 100 }],
    // Not known yet, or not a length: in the middle, and no larger than nothing.
    ['contain', { width: 0, height: 0 }, '50% 50%', { left: 200, top: 100, width: 0, height: 0 }],
    ['contain', small, 'center', { left: 100, top: 0, width: 200, height: 200 }],
  ])('%s of %o at %s', (fit, content, position, wanted) => {
    expect(fitContent(content, box, fit, position)).toEqual(wanted);
  });
});
