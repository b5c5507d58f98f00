import { isPlausible } from '../../networks/blazepose.ts';
import type { Pose, PoseMask } from '../../networks/blazepose.ts';
import type { PictureSize, Region } from '../../networks/geometry.ts';
import { batches, posesIn } from '../landmark-pass.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import { personOfPose } from '../parts.ts';
import { boxOfParts } from '../person.ts';
import type { Person } from '../person.ts';
import { auxiliaryRegion } from '../region.ts';
import { passOf } from './evidence.ts';
import type { OnStep, Pass } from './evidence.ts';
import { fuseParts, fusePoses } from '../fusion.ts';
import { landmarkRegion } from './hypotheses.ts';
import type { Hypothesis } from './hypotheses.ts';

/** A person whom BlazePose looks at. */
export interface Refining {
  hypothesis: Hypothesis;
  poses: Pose[];
  mask: PoseMask | undefined;
}

/**
 * Runs BlazePose on each person: in the region that MoveNet's points give, then in those that the passes
 * before ask for, in the mirror by turns, the last with the mask. People are looked at in rounds, so that
 * those of a round can share runs.
 * @param options.refined whom it has looked at before, and after it: they are not looked at again
 * @param options.passes its runs, to which those of this call are added
 * @param options.ahead how many may follow in further calls
 * @returns whom each hypothesis became
 */
export async function refine(
  runner: LandmarkRunner,
  hypotheses: readonly Hypothesis[],
  planned: number,
  {
    picture,
    duplicates,
    onStep,
    refined,
    passes,
    ahead,
  }: {
    picture: PictureSize;
    duplicates: ReadonlyMap<Hypothesis, Hypothesis>;
    onStep: OnStep;
    refined: Map<Hypothesis, Refining>;
    passes: Pass[];
    ahead: number;
  },
): Promise<Map<Hypothesis, Person>> {
  const all = hypotheses
    .filter((hypothesis) => !refined.has(hypothesis))
    .map((hypothesis): Refining => ({ hypothesis, poses: [], mask: undefined }));
  for (const each of all) refined.set(each.hypothesis, each);
  const total = planned * (refined.size + ahead);
  onStep('refine', passes.length, total);
  for (let round = 0; round < planned; round++) {
    for (const batch of batches(all, runner.networks.batchOf(runner.landmarks))) {
      const regions = batch.map((each) => ({ ...nextRegion(each), mirrored: round % 2 === 1 }));
      const seen = await posesIn(runner, regions, round === planned - 1);
      for (const [index, each] of batch.entries()) {
        const pose = seen[index];
        if (!pose) continue;
        passes.push(passOf('points', pose, each.hypothesis));
        if (!isPlausible(pose)) continue;
        each.poses.push(pose);
        each.mask = pose.mask;
      }
      onStep('refine', passes.length, total);
    }
  }
  const personOf = new Map<Hypothesis, Person>();
  for (const hypothesis of hypotheses) {
    const each = refined.get(hypothesis);
    const others = [...duplicates].flatMap(([other, original]) => (original === hypothesis ? [other] : []));
    const person = each && personOfAll(each, others, picture);
    if (person) personOf.set(hypothesis, person);
  }
  return personOf;
}

function nextRegion({ hypothesis, poses: [first, ...more] }: Refining): Region {
  return first ? auxiliaryRegion(fusePoses([first, ...more])) : landmarkRegion(hypothesis);
}

/**
 * What MoveNet and BlazePose make of a person together; nothing where BlazePose's numbers are no body's.
 * @param others what MoveNet has made of the same person in other squares
 */
function personOfAll(
  { hypothesis, poses, mask }: Refining,
  others: readonly Hypothesis[],
  picture: PictureSize,
): Person | undefined {
  const [first, ...more] = poses;
  if (!first) return undefined;
  const pose = fusePoses([first, ...more]);
  const { parts, agreement } = fuseParts(
    poses.map((each) => personOfPose(each).parts),
    [hypothesis, ...others],
    landmarkRegion(hypothesis).size,
    ({ x, y }) => x < 0 || y < 0 || x > picture.width || y > picture.height,
  );
  const views = [hypothesis, ...others.filter(({ square }) => square.mirrored)];
  const sureness = views.reduce((sum, view) => sum + view.sureness, 0) / views.length;
  return {
    parts,
    score: Math.min(
      1,
      hypothesis.body.score *
        sureness ** SURENESS_POWER *
        agreement *
        Math.sqrt(BLAZEPOSE_SHARE + personOfPose(pose).score),
    ),
    seenBy: 'both',
    box: boxOfParts(Object.values(parts)),
    pose: mask ? { ...pose, mask } : pose,
  };
}

/**
 * How much MoveNet's sureness says beside the others': of things and animals, some of which look to NanoDet
 * like bodies, it is less sure than of all but a few people. With 1 twice as many of them pass the
 * documented filter as with 1.5, and the order of people is as good (AP to .001).
 */
const SURENESS_POWER = 1.5;

/** What a person keeps of their score of whom BlazePose sees nothing. */
const BLAZEPOSE_SHARE = 0.1;
