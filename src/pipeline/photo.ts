import { BLAZEPOSE, decodePose, isPlausible } from '../networks/blazepose.ts';
import type { Pose, Silhouette } from '../networks/blazepose.ts';
import type { PictureSize, Region } from '../networks/geometry.ts';
import type { AnalysisStage } from '../schema/analysis.ts';
import { MOVENET } from '../networks/movenet.ts';
import type { PersonInfo } from '../schema/result.ts';
import { candidatesOf, findBodies, findPoses } from './candidates.ts';
import type { Candidate, FoundPose } from './candidates.ts';
import { isSamePose } from './duplicates.ts';
import { explain } from './explanation.ts';
import type { Evidence, Explanation, Pass } from './explanation.ts';
import { auxiliaryRegion, fuseParts, fusePoses } from './fusion.ts';
import { distinctHypotheses, hypothesesOf, landmarkRegion, mirroredCandidates } from './hypotheses.ts';
import type { Hypothesis } from './hypotheses.ts';
import type { Looking, Networks } from './networks.ts';
import { boxOfParts, personInfo, personOfPose } from './person.ts';
import type { AnswerOptions, Person } from './person.ts';
import type { PhotoPlan } from './plan.ts';
import { detectionSquares } from './squares.ts';

/** Told before the first and after each step of a stage; `total` may grow on the way. */
export type OnStep = (stage: AnalysisStage, done: number, total: number) => void;

/** Everyone in a photo, in falling order of score, and how they were found. */
export interface PhotoAnalysis {
  people: PersonInfo[];
  explanation: Explanation;
}

/** MediaPipe's threshold on the landmark model's person flag. */
export const MIN_FLAG = 0.5;
/** Poses of the pose detector that are surer tell who is alone, and who lies or is upside down. */
const MIN_POSE_SCORE = 0.2;
/** Someone who is alone has to be recognised with this score. */
const RECOGNISED = 0.45;

/** Everyone in a photo. */
export async function analysePhoto(
  networks: Networks,
  picture: PictureSize,
  plan: PhotoPlan,
  { onStep = () => {}, ...answer }: AnswerOptions & { onStep?: OnStep },
): Promise<PhotoAnalysis> {
  const looking: Looking = { networks, landmarks: BLAZEPOSE[answer.model] };
  const evidence = await gather(looking, picture, plan, {
    onStep,
    withMask: answer.extras?.includes('mask') ?? false,
  });
  return {
    people: evidence.people.map((person) => personInfo(person, picture, answer)),
    explanation: explain(evidence, picture),
  };
}

async function gather(
  looking: Looking,
  picture: PictureSize,
  plan: PhotoPlan,
  { onStep, withMask }: { onStep: OnStep; withMask: boolean },
): Promise<Evidence> {
  const { networks } = looking;
  // Two detectors.
  const steps = { done: 0, total: 2 * detectionSquares(picture.width, picture.height).length };
  const onDetection = () => onStep('detect', ++steps.done, steps.total);
  onStep('detect', 0, steps.total);
  const poses = await findPoses(networks, picture, MIN_POSE_SCORE, onDetection);
  const lone = await findLone(looking, picture, plan, { poses: poses.found, onStep, withMask });
  if (lone) return { ...NOTHING, ...lone, squares: poses.squares };
  const { minBodyScore: minScore, maxBodyIou: maxIou } = plan;
  const bodies = await findBodies(networks, picture, { minScore, maxIou }, onDetection);
  const hypotheses = await look(networks, candidatesOf(bodies.found, poses.found), onStep);
  const duplicates = new Map<Hypothesis, Hypothesis>();
  const distinct = distinctHypotheses(hypotheses, (duplicate, original) =>
    duplicates.set(duplicate, original),
  );
  if (plan.mirrored) {
    const originals = [...mirroredCandidates(distinct)];
    const mirrored = await look(
      networks,
      originals.map(([candidate]) => candidate),
      onStep,
      hypotheses.length,
    );
    for (const [index, [, original]] of originals.entries()) {
      const hypothesis = mirrored[index];
      if (hypothesis?.outcome === 'person') duplicates.set(hypothesis, original);
    }
    hypotheses.push(...mirrored);
  }
  const { passes, personOf } = await refine(looking, distinct, plan.passes, { picture, duplicates, onStep });
  dropSamePoses(personOf, duplicates, plan.maxOks);
  for (const [hypothesis, person] of personOf) {
    const same = hypotheses.filter((other) => (duplicates.get(other) ?? other) === hypothesis);
    person.bodies = same.flatMap(({ body, isBodySeen }) => (isBodySeen ? [body] : []));
  }
  return {
    squares: [...poses.squares, ...bodies.squares],
    hypotheses,
    duplicates,
    passes,
    personOf,
    people: [...personOf.values()].toSorted((a, b) => b.score - a.score),
  };
}

/** Of people whom BlazePose has shown to be one, the surest stays. */
function dropSamePoses(
  personOf: Map<Hypothesis, Person>,
  duplicates: Map<Hypothesis, Hypothesis>,
  maxOks: number,
): void {
  const kept: [Hypothesis, Person][] = [];
  for (const [hypothesis, person] of [...personOf].toSorted(([, a], [, b]) => b.score - a.score)) {
    const [original] = kept.find(([, other]) => isSamePose(other, person, maxOks)) ?? [];
    if (!original) {
      kept.push([hypothesis, person]);
      continue;
    }
    personOf.delete(hypothesis);
    for (const [duplicate, other] of duplicates)
      if (other === hypothesis) duplicates.set(duplicate, original);
    duplicates.set(hypothesis, original);
  }
}

const NOTHING = { hypotheses: [], duplicates: new Map(), personOf: new Map() };

/** Someone who fills the picture, if there is nobody else: the first run of BlazePose says whether there is. */
async function findLone(
  looking: Looking,
  { width, height }: PictureSize,
  plan: PhotoPlan,
  { poses, onStep, withMask }: { poses: readonly FoundPose[]; onStep: OnStep; withMask: boolean },
): Promise<Pick<Evidence, 'passes' | 'people'> | undefined> {
  const [only, ...others] = poses;
  if (!only || others.length > 0 || only.region.size < plan.loneSide * Math.max(width, height))
    return undefined;
  onStep('landmarks', 0, 1);
  const [first] = await runBlazePose(looking, [only.region], false);
  if (!first || !isSomeone(first)) return undefined;
  const person = personOfPose(first);
  if (person.score < RECOGNISED) return undefined;
  // Only now: where there are others, nearly all is still to be done.
  onStep('landmarks', 1, 1);
  const passes = [passOf('pose', first, undefined)];
  if (!withMask) {
    onStep('refine', 0, 0);
    return { passes, people: [person] };
  }
  onStep('refine', 0, 1);
  const [second] = await runBlazePose(looking, [{ ...auxiliaryRegion(first), mirrored: true }], true);
  onStep('refine', 1, 1);
  if (!second) return { passes, people: [person] };
  passes.push(passOf('points', second, undefined));
  // Points and score stay those of the first: what is asked for beside them must not change them.
  const pose = second.silhouette ? { ...first, silhouette: second.silhouette } : first;
  return { passes, people: [{ ...person, pose }] };
}

/** Runs MoveNet on every candidate, after so many before. */
async function look(
  networks: Networks,
  candidates: readonly Candidate[],
  onStep: OnStep,
  before = 0,
): Promise<Hypothesis[]> {
  const hypotheses: Hypothesis[] = [];
  const total = before + candidates.length;
  onStep('landmarks', before, total);
  for (const batch of batches(candidates, networks.batchOf(MOVENET))) {
    // One after the other on purpose: the runtime has one queue, and a cancelled call stops between two runs.
    hypotheses.push(...(await hypothesesOf(networks, batch)));
    onStep('landmarks', before + hypotheses.length, total);
  }
  return hypotheses;
}

/** A person whom BlazePose looks at. */
interface Refining {
  hypothesis: Hypothesis;
  poses: Pose[];
  silhouette: Silhouette | undefined;
}

/**
 * Runs BlazePose on each person: in the region that MoveNet's points give, then in those that the passes before ask for,
 * in the mirror by turns, the last with the mask. People are looked at in rounds, so that those of a round can share runs.
 */
async function refine(
  looking: Looking,
  hypotheses: readonly Hypothesis[],
  planned: number,
  {
    picture,
    duplicates,
    onStep,
  }: { picture: PictureSize; duplicates: ReadonlyMap<Hypothesis, Hypothesis>; onStep: OnStep },
): Promise<{ passes: Pass[]; personOf: Map<Hypothesis, Person> }> {
  const all = hypotheses.map((hypothesis): Refining => ({ hypothesis, poses: [], silhouette: undefined }));
  const passes: Pass[] = [];
  const total = planned * all.length;
  onStep('refine', 0, total);
  for (let round = 0; round < planned; round++) {
    for (const batch of batches(all, looking.networks.batchOf(looking.landmarks))) {
      const regions = batch.map((each) => ({ ...nextRegion(each), mirrored: round % 2 === 1 }));
      const seen = await runBlazePose(looking, regions, round === planned - 1);
      for (const [index, each] of batch.entries()) {
        const pose = seen[index];
        if (!pose) continue;
        passes.push(passOf('points', pose, each.hypothesis));
        if (!isPlausible(pose)) continue;
        each.poses.push(pose);
        each.silhouette = pose.silhouette;
      }
      onStep('refine', passes.length, total);
    }
  }
  const personOf = new Map<Hypothesis, Person>();
  for (const each of all) {
    const others = [...duplicates].flatMap(([other, original]) =>
      original === each.hypothesis ? [other] : [],
    );
    const person = personOfAll(each, others, picture);
    if (person) personOf.set(each.hypothesis, person);
  }
  return { passes, personOf };
}

function nextRegion({ hypothesis, poses: [first, ...more] }: Refining): Region {
  return first ? auxiliaryRegion(fusePoses([first, ...more])) : landmarkRegion(hypothesis);
}

/**
 * What MoveNet and BlazePose make of a person together; nothing where BlazePose's numbers are no body's.
 * @param others what MoveNet has made of the same person in other squares
 */
function personOfAll(
  { hypothesis, poses, silhouette }: Refining,
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
      hypothesis.body.score * sureness * agreement * Math.sqrt(BLAZEPOSE_SHARE + personOfPose(pose).score),
    ),
    seenBy: 'both',
    box: boxOfParts(Object.values(parts)),
    pose: silhouette ? { ...pose, silhouette } : pose,
  };
}

/** What a person keeps of their score of whom BlazePose sees nothing. */
const BLAZEPOSE_SHARE = 0.1;

async function runBlazePose(
  { networks, landmarks }: Looking,
  regions: readonly Region[],
  withHead: boolean,
): Promise<Pose[]> {
  const outputs = await networks.run(landmarks, regions, { withHead });
  return regions.map((region, index) => {
    const output = outputs[index];
    if (!output) throw new RangeError(`${landmarks.file} has given nothing`);
    return decodePose(output, region);
  });
}

function isSomeone(pose: Pose): boolean {
  return isPlausible(pose) && pose.flag >= MIN_FLAG;
}

function passOf(origin: Pass['origin'], pose: Pose, hypothesis: Hypothesis | undefined): Pass {
  const { region } = pose;
  if (!isPlausible(pose)) return { origin, region, pose, hypothesis, score: 0, outcome: 'implausible' };
  const { score } = personOfPose(pose);
  return { origin, region, pose, hypothesis, score, outcome: pose.flag < MIN_FLAG ? 'no-person' : 'person' };
}

/** Items in groups of so many. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
