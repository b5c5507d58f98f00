import { auxiliaryRegion } from './fusion.ts';
import type { Pose } from './landmarks.ts';
import type { Region } from '../networks/geometry.ts';

const at = ({ landmarks }: Pose, a: number, b: number) => {
  const [p, q] = [landmarks[a], landmarks[b]];
  if (!p || !q) throw new RangeError('a pose lacks landmarks');
  return { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2, peak: (p.peak + q.peak) / 2, width: Math.hypot(p.x - q.x, p.y - q.y) };
};
const ramp = (peak: number) => Math.min(1, Math.max(0, (peak - 0.2) / 0.3));
const E = (name: string, value: number) => Number(process.env[name] ?? value);
const SHOULDERS = 1.6, TORSO = E('TORSO', 2.4), SIZE = E('SIZE', 4.4), ROT = E('ROT', .3);

export function unitOf(pose: Pose): number {
  const shoulders = at(pose, 11, 12);
  const ears = at(pose, 7, 8);
  return Math.max(Math.hypot(shoulders.x - ears.x, shoulders.y - ears.y), shoulders.width / SHOULDERS);
}

export function followedRegion(pose: Pose, unit = unitOf(pose)): Region {
  const asked = auxiliaryRegion(pose);
  const shoulders = at(pose, 11, 12);
  const hips = at(pose, 23, 24);
  const legs = ramp(at(pose, 25, 26).peak);
  const seen = ramp(hips.peak);
  if (legs === 1) return asked;
  const mix = (a: number, b: number, share: number) => a + share * (b - a);
  const rotation = mix(Math.max(-ROT, Math.min(ROT, asked.rotation)), asked.rotation, seen);
  const torso = TORSO * unit;
  const centreX = mix(shoulders.x - torso * Math.sin(rotation), hips.x, seen);
  const centreY = mix(shoulders.y + torso * Math.cos(rotation), hips.y, seen);
  const size = SIZE * Math.max(Math.hypot(centreX - shoulders.x, centreY - shoulders.y), torso);
  return {
    centreX: mix(centreX, asked.centreX, legs),
    centreY: mix(centreY, asked.centreY, legs),
    size: mix(size, asked.size, legs),
    rotation: mix(rotation, asked.rotation, legs),
  };
}
