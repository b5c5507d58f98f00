import { BLAZEPOSE } from '../../networks/blazepose.ts';
import type { PictureSize } from '../../networks/geometry.ts';
import { MOVENET } from '../../networks/movenet.ts';
import type { PictureRegion } from '../../schema/picture-region.ts';
import type { PersonInfo } from '../../schema/result.ts';
import { personInfo } from '../answer.ts';
import type { AnswerOptions } from '../answer.ts';
import { areaOf } from '../area.ts';
import type { Area } from '../area.ts';
import { findBodies, findPoses } from '../detection.ts';
import type { SearchedSquare } from '../detection.ts';
import { isSamePose } from '../duplicates.ts';
import { batches } from '../landmark-pass.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import type { Networks } from '../networks.ts';
import type { Person } from '../person.ts';
import { locate } from '../location.ts';
import { detectionSquares } from '../squares.ts';
import { candidatesOf, candidatesOfPerson } from './candidates.ts';
import type { Candidate } from './candidates.ts';
import type { Evidence, OnStep } from './evidence.ts';
import { explain } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { distinctHypotheses, hypothesesOf, mirroredCandidates } from './hypotheses.ts';
import type { Hypothesis } from './hypotheses.ts';
import { findLonePerson } from './lone-person.ts';
import { planForGrey } from './qualities.ts';
import type { PhotoPlan } from './qualities.ts';
import { refine } from './refinement.ts';

/** A photo, as far as the analysis knows it; its pixels are the networks'. */
export interface Photo extends PictureSize {
  /** Whether it has no colours, which takes a closer look. Default `false`. */
  isGrey?: boolean;
}

/** Everyone in a photo, in falling order of score, and how they were found. */
export interface PhotoAnalysis {
  people: PersonInfo[];
  explanation: Explanation;
}

/** Poses of the pose detector that are surer tell who is alone, and who lies or is upside down. */
const MIN_POSE_SCORE = 0.2;

/** What is wanted of a photo. */
export interface PhotoOptions extends AnswerOptions {
  /** What of it is to be looked at. Default: all. */
  region?: PictureRegion | undefined;
  onStep?: OnStep;
}

/**
 * Everyone in a photo.
 * @throws BodyAnalysisError `invalid-option` where the region lies outside of the photo
 */
export async function analysePhoto(
  networks: Networks,
  picture: Photo,
  plan: PhotoPlan,
  { onStep = () => {}, region, ...answer }: PhotoOptions,
): Promise<PhotoAnalysis> {
  const runner: LandmarkRunner = { networks, landmarks: BLAZEPOSE[answer.model] };
  const evidence = await gather(runner, picture, picture.isGrey ? planForGrey(plan) : plan, {
    area: areaOf(picture, region),
    onStep,
    withMask: answer.extras?.includes('mask') ?? false,
  });
  return {
    people: evidence.people.map((person) => personInfo(person, picture, answer)),
    explanation: explain(evidence, picture),
  };
}

/** Where people may be, and who it is where there is but one; and where the detectors have looked. */
interface Look {
  candidates: Candidate[];
  squares: SearchedSquare[];
  lone?: Pick<Evidence, 'passes' | 'people'>;
}

/** Looks for people with the detectors; where someone was seen before without them. */
async function look(
  runner: LandmarkRunner,
  area: Area,
  plan: PhotoPlan,
  { onStep, withMask }: { onStep: OnStep; withMask: boolean },
): Promise<Look> {
  const { searched, person } = area;
  if (person) return { candidates: candidatesOfPerson(area, person), squares: [] };
  const { networks } = runner;
  // Two detectors.
  const steps = { done: 0, total: 2 * detectionSquares(searched).length };
  const onDetection = () => onStep('detect', ++steps.done, steps.total);
  onStep('detect', 0, steps.total);
  const poses = await findPoses(networks, searched, MIN_POSE_SCORE, onDetection);
  const lone = await findLonePerson(runner, area, plan, { poses: poses.found, onStep, withMask });
  if (lone) return { candidates: [], squares: poses.squares, lone };
  const { minBodyScore: minScore, maxBodyIou: maxIou } = plan;
  const bodies = await findBodies(networks, searched, { minScore, maxIou }, onDetection);
  return {
    candidates: candidatesOf(bodies.found, poses.found, area),
    squares: [...poses.squares, ...bodies.squares],
  };
}

async function gather(
  runner: LandmarkRunner,
  picture: PictureSize,
  plan: PhotoPlan,
  { area, onStep, withMask }: { area: Area; onStep: OnStep; withMask: boolean },
): Promise<Evidence> {
  const { networks } = runner;
  const { candidates, squares, lone } = await look(runner, area, plan, { onStep, withMask });
  if (lone) return { ...NOTHING, ...lone, squares };
  const hypotheses = await hypothesesOfAll(networks, candidates, onStep);
  const duplicates = new Map<Hypothesis, Hypothesis>();
  const distinct = distinctHypotheses(hypotheses, (duplicate, original) =>
    duplicates.set(duplicate, original),
  );
  if (plan.mirrored) {
    const originals = [...mirroredCandidates(distinct)];
    const mirrored = await hypothesesOfAll(
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
  const { passes, personOf } = await refine(runner, distinct, plan.passes, { picture, duplicates, onStep });
  dropSamePoses(personOf, duplicates, plan.maxOks);
  for (const [hypothesis, person] of personOf) {
    const same = hypotheses.filter((other) => (duplicates.get(other) ?? other) === hypothesis);
    person.bodies = same.flatMap(({ body, isBodySeen }) => (isBodySeen ? [body] : []));
  }
  const found = [...personOf.values()].toSorted((a, b) => b.score - a.score);
  const people = area.wanted(found, (person) => locate(person, picture));
  return {
    squares,
    hypotheses,
    duplicates,
    passes,
    personOf,
    people,
    leftOut: new Set(found.filter((person) => !people.includes(person))),
  };
}

const NOTHING = {
  hypotheses: [],
  duplicates: new Map(),
  personOf: new Map(),
  leftOut: new Set<Person>(),
};

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

/** Runs MoveNet on every candidate, after so many before. */
async function hypothesesOfAll(
  networks: Networks,
  candidates: readonly Candidate[],
  onStep: OnStep,
  before = 0,
): Promise<Hypothesis[]> {
  const hypotheses: Hypothesis[] = [];
  const total = before + candidates.length;
  onStep('landmarks', before, total);
  for (const batch of batches(candidates, networks.batchOf(MOVENET))) {
    // One after the other on purpose: one network runs at a time, and a cancelled call stops between runs.
    hypotheses.push(...(await hypothesesOf(networks, batch)));
    onStep('landmarks', before + hypotheses.length, total);
  }
  return hypotheses;
}
