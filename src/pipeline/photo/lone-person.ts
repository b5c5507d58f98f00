import type { Box } from '../../networks/geometry.ts';
import { longerSide } from '../area.ts';
import type { Area } from '../area.ts';
import type { FoundPose } from '../detection.ts';
import { isSomeone, posesIn } from '../landmark-pass.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import { personOfPose } from '../parts.ts';
import { auxiliaryRegion } from '../region.ts';
import { passOf } from './evidence.ts';
import type { Evidence, OnStep } from './evidence.ts';
import { neckOf } from '../head-and-neck.ts';
import type { PhotoPlan } from './qualities.ts';

/**
 * Someone who is alone has to be recognised with this score, at which BlazePose is sure (`LANDMARK_SLOPE` in
 * scores.ts); of whom it is less sure the other networks are asked. With .45, three of 22 photographs more
 * took the short way, with .004 less AP with every model.
 */
const RECOGNISED = 0.55;

/**
 * Someone who fills what is looked at, if there is nobody else: the first run of BlazePose says whether there
 * is.
 */
export async function findLonePerson(
  runner: LandmarkRunner,
  area: Area,
  plan: PhotoPlan,
  {
    searched,
    poses,
    onStep,
    withMask,
  }: { searched: Box; poses: readonly FoundPose[]; onStep: OnStep; withMask: boolean },
): Promise<Pick<Evidence, 'passes' | 'people'> | undefined> {
  const [only, ...others] = poses;
  if (!only || others.length > 0 || only.region.size < plan.loneSide * longerSide(searched)) return undefined;
  onStep('landmarks', 0, 1);
  const [first] = await posesIn(runner, [only.region]);
  if (!first || !isSomeone(first)) return undefined;
  const pose = personOfPose(first);
  const person = { ...pose, parts: { ...pose.parts, neck: neckOf(pose.parts, pose.parts.top_head) } };
  const [wanted] = area.wanted([person], ({ box }) => box);
  if (person.score < RECOGNISED || !wanted) return undefined;
  // Only now: where there are others, nearly all is still to be done.
  onStep('landmarks', 1, 1);
  const passes = [passOf('pose', first, undefined)];
  if (!withMask) {
    onStep('refine', 0, 0);
    return { passes, people: [person] };
  }
  onStep('refine', 0, 1);
  const [second] = await posesIn(runner, [{ ...auxiliaryRegion(first), mirrored: true }], true);
  onStep('refine', 1, 1);
  if (!second) return { passes, people: [person] };
  passes.push(passOf('points', second, undefined));
  // Points and score stay those of the first: what is asked for beside them must not change them.
  return { passes, people: [second.mask ? { ...person, pose: { ...first, mask: second.mask } } : person] };
}
