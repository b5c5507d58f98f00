import type { Extra, Landmark33, PersonExtras, WorldPoint } from '../schema/result.ts';
import { rounded, sigmoid } from '../networks/geometry.ts';
import type { PictureSize } from '../networks/geometry.ts';
import { LANDMARK_SIZE, LANDMARK_VALUES, seenAs } from '../networks/blazepose.ts';
import type { Pose } from '../networks/blazepose.ts';
import { encodeMask } from './mask.ts';

/** Landmarks of the body; the model's others serve the pipeline only. */
const BODY_LANDMARKS = 33;

/** What was asked for beyond the documented fields. */
export function personExtras(pose: Pose, picture: PictureSize, wanted: readonly Extra[]): PersonExtras {
  const extras: PersonExtras = {};
  if (wanted.includes('landmarks33')) extras.landmarks33 = landmarks33(pose, picture);
  if (wanted.includes('world3d')) extras.world3d = world3d(pose);
  if (wanted.includes('mask') && pose.mask) extras.mask = encodeMask(pose.mask, picture);
  return extras;
}

function landmarks33({ landmarks, output, region }: Pose, picture: PictureSize): Landmark33[] {
  const scaleX = picture.originalWidth / picture.width;
  const scaleY = picture.originalHeight / picture.height;
  return landmarks.slice(0, BODY_LANDMARKS).map(({ x, y }, index) => {
    const from = seenAs(index, region) * LANDMARK_VALUES;
    const value = (offset: number) => finite(output.landmarks[from + offset]);
    return {
      x: rounded(x * scaleX, 100),
      y: rounded(y * scaleY, 100),
      z: rounded(((value(2) * region.size) / LANDMARK_SIZE) * scaleX, 100),
      visibility: rounded(sigmoid(value(3)), 1e6),
      presence: rounded(sigmoid(value(4)), 1e6),
    };
  });
}

/** The model sees the region upright, and maybe in a mirror; turned back, x and y are the picture's again. */
function world3d({ output, region }: Pose): WorldPoint[] {
  const cos = Math.cos(region.rotation);
  const sin = Math.sin(region.rotation);
  const side = region.mirrored ? -1 : 1;
  return Array.from({ length: BODY_LANDMARKS }, (_, index) => {
    const from = 3 * seenAs(index, region);
    const [across, y, z] = [0, 1, 2].map((axis) => finite(output.world[from + axis]));
    if (across === undefined || y === undefined || z === undefined)
      throw new RangeError('three axes were asked for');
    const x = side * across;
    return { x: rounded(cos * x - sin * y, 1e4), y: rounded(sin * x + cos * y, 1e4), z: rounded(z, 1e4) };
  });
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}
