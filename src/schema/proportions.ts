import { frozen } from './frozen.ts';

/**
 * Lengths of the body between its joints, as shares of its height: Drillis and Contini, Body Segment
 * Parameters (1966), as in Winter, Biomechanics and Motor Control of Human Movement, figure 4.1. The head is
 * from neck to top, a neck a fifth of the way up from the shoulders; shoulders are from joint to joint, which
 * lie within the breadth that is given there (.259).
 */
export const SHARES_OF_HEIGHT = /* #__PURE__ */ frozen({
  head: 0.146,
  shoulders: 0.23,
  trunk: 0.288,
  upperArm: 0.186,
  forearm: 0.146,
  thigh: 0.245,
  shank: 0.246,
});
