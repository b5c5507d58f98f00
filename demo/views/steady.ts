import type { WorldPoint } from 'body21';
import type { Figure } from './turning.ts';

/** Points follow with this time constant, in milliseconds, at rest; the faster one moves the less it lags. */
const REST_MS = 140;
/** At this speed, in metres a second, the time constant is half as long. */
const FAST = 0.4;
/** How fast the view grows around who needs more room, and closes in again: time constants in milliseconds. */
const ROOM_MS = { growing: 120, shrinking: 4000 };
/** Who was not seen for so long begins anew, in milliseconds. */
const FORGET_MS = 1000;
/** Room for the head around its middle, and for a little more, in metres. */
const HEAD_ROOM = 0.2;

/**
 * Someone's points in 3D from frame to frame, without their jitter, standing on a floor that stays where it is: the
 * points themselves are given from the middle of the hips, which would have the floor come up to who squats.
 */
export class SteadyFigure {
  #points: readonly WorldPoint[] | undefined;
  #atMs = 0;
  #height = 0;
  #reach = 0;

  /**
   * @param points of the next frame
   * @param ms when that was
   */
  follow(points: readonly WorldPoint[], ms: number): { points: readonly WorldPoint[]; figure: Figure } {
    const elapsed = ms - this.#atMs;
    const before = elapsed >= 0 && elapsed < FORGET_MS ? this.#points : undefined;
    const now = before ? points.map((point, at) => nearer(before[at], point, elapsed)) : points;
    this.#points = now;
    this.#atMs = ms;
    const ground = Math.max(...now.map(({ y }) => y));
    const standing = now.map(({ x, y, z }) => ({ x, y: y - ground, z }));
    const height = HEAD_ROOM - Math.min(...standing.map(({ y }) => y));
    this.#height = before ? room(this.#height, height, elapsed) : height;
    const middle = { x: 0, y: -this.#height / 2, z: 0 };
    const reach = Math.max(...standing.map(({ x, y, z }) => Math.hypot(x, y - middle.y, z)), height / 2);
    this.#reach = before ? room(this.#reach, reach, elapsed) : reach;
    return { points: standing, figure: { middle, radius: this.#reach } };
  }
}

/** So much of the way from one point to the other as the time between them allows. */
function nearer(from: WorldPoint | undefined, to: WorldPoint, elapsed: number): WorldPoint {
  if (!from) return to;
  const metres = Math.hypot(to.x - from.x, to.y - from.y, to.z - from.z);
  const speed = elapsed > 0 ? (1000 * metres) / elapsed : 0;
  const share = shareOf(elapsed, REST_MS / (1 + speed / FAST));
  const way = (axis: keyof WorldPoint) => from[axis] + share * (to[axis] - from[axis]);
  return { x: way('x'), y: way('y'), z: way('z') };
}

function room(has: number, needs: number, elapsed: number): number {
  return has + shareOf(elapsed, needs > has ? ROOM_MS.growing : ROOM_MS.shrinking) * (needs - has);
}

function shareOf(elapsed: number, constant: number): number {
  return 1 - Math.exp(-elapsed / constant);
}
