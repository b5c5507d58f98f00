import type { PartNote, PersonInfo } from 'body21';
import { JOINT_ANGLES, jointAngles } from 'body21/measure';
import { idOf } from '../video/look.ts';

/** The angles that are written, each at the joint of its name. */
const JOINTS = JOINT_ANGLES.filter((name) => name !== 'trunk_lean' && name !== 'neck_tilt');

/** Of points that are less sure none are written. */
const SURE = 0.5;
/** A figure changes when the angle is so many degrees away from it: one that trembles cannot be read. */
const STEADY = 2;

/** What is written at people's joints. */
export class AngleNotes {
  /** By person and joint, in degrees. */
  readonly #written = new Map<string, number>();

  of(person: PersonInfo): PartNote[] {
    const angles = jointAngles(person, { keypointScore: SURE });
    return JOINTS.flatMap((part) => {
      const degrees = angles[part]?.degrees;
      if (degrees === undefined) return [];
      const name = `${idOf(person)} ${part}`;
      const before = this.#written.get(name);
      const now = before !== undefined && Math.abs(degrees - before) < STEADY ? before : Math.round(degrees);
      this.#written.set(name, now);
      return [{ part, text: `${now}°` }];
    });
  }

  clear(): void {
    this.#written.clear();
  }
}
