import { decodePose, isPlausible } from '../networks/blazepose.ts';
import type { LandmarkNetwork, Pose } from '../networks/blazepose.ts';
import type { Region } from '../networks/geometry.ts';
import type { Networks } from './networks.ts';

/** A landmark network, and what runs it. */
export interface LandmarkRunner {
  networks: Networks;
  landmarks: LandmarkNetwork;
  /** Whether each pose is to have its mask, where a pass does not say. Default `false`. */
  withMask?: boolean | undefined;
}

/**
 * One pass of the landmark network: the pose in each region, whatever is there.
 * @param regions as many as there are; they share runs as far as the network takes several at once
 * @param withMask whether each pose is to have its mask
 */
export async function posesIn(
  { networks, landmarks, withMask: isUsual = false }: LandmarkRunner,
  regions: readonly Region[],
  withMask = isUsual,
): Promise<Pose[]> {
  const poses = await networks.run(landmarks, regions, decodePose, { withHead: withMask });
  if (poses.length !== regions.length) throw new RangeError(`${landmarks.file} has given nothing`);
  return poses;
}

/** MediaPipe's threshold on the landmark model's presence. */
const MIN_PRESENCE = 0.5;

/** Whether the network takes what it has seen for a person. */
export function isSomeone(pose: Pose): boolean {
  return isPlausible(pose) && pose.presence >= MIN_PRESENCE;
}

/** Items in groups of so many. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
