import { overlap } from '../../networks/geometry.ts';
import type { Box, PictureSize, Region } from '../../networks/geometry.ts';
import { longerSide, wholeOf } from '../area.ts';
import type { Area } from '../area.ts';
import { findBodies, findPoses } from '../detection.ts';
import type { SearchedSquare } from '../detection.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import { detectionSquares } from '../squares.ts';
import { candidatesBeside, candidatesOf, candidatesOfPerson } from './candidates.ts';
import type { Candidate } from './candidates.ts';
import type { Evidence, OnStep } from './evidence.ts';
import { findLonePerson } from './lone-person.ts';
import type { PhotoPlan } from './qualities.ts';

/** Where people may be, and who it is where there is but one; and where the detectors have looked. */
export interface Searched {
  candidates: readonly Candidate[];
  squares: readonly SearchedSquare[];
  lone?: Pick<Evidence, 'passes' | 'people'>;
}

interface SearchOptions {
  area: Area;
  plan: PhotoPlan;
  onStep: OnStep;
  withMask: boolean;
}

interface DetectOptions extends SearchOptions {
  /** Whether somebody who fills it may be taken to be the only one. */
  mayBeAlone: boolean;
  /** Told after each run of a detector. */
  onRun: () => void;
}

/** Poses of the pose detector that are surer tell who is alone, and who lies or is upside down. */
const MIN_POSE_SCORE = 0.2;
/** A part that a detector sees enlarged by less shows it nobody else. */
const LEAST_ENLARGED = 1.5;
/** Of a part that somebody takes up by so much, in longer sides, nobody small is expected. */
const FILLING = 0.5;
/** Bodies that the whole shows with less are seen better in a part of it. */
const PLAIN_SCORE = 0.3;

/**
 * Has the detectors look at a photo of which a part may be wanted: at the whole, so that whoever is in that
 * part is found as without it, and at the part by itself where that may show somebody else.
 */
export async function search(
  runner: LandmarkRunner,
  picture: PictureSize,
  { area, onStep, ...options }: SearchOptions,
): Promise<Searched> {
  const whole = wholeOf(picture);
  const { searched, person } = area;
  const steps = { done: 0, total: 0 };
  const lookAt = (part: Box, squares: readonly Region[], how: Pick<DetectOptions, 'area' | 'mayBeAlone'>) => {
    // Two detectors.
    steps.total += 2 * squares.length;
    onStep('detect', steps.done, steps.total);
    const onRun = () => onStep('detect', ++steps.done, steps.total);
    return detect(runner, part, squares, { ...options, ...how, onStep, onRun });
  };
  const squares = detectionSquares(whole).filter((square) => reaches(square, searched));
  // A body that ends where the part does goes on in the whole: it is seen as far as the picture shows it.
  const uncut = { ...area, cuts: () => false };
  const first = await lookAt(whole, squares, { area: uncut, mayBeAlone: true });
  if (first.lone) return first;
  const { candidates } = first;
  if (person) {
    const before = candidatesOfPerson(area, person, candidates);
    return { ...first, candidates: [...candidates, ...before] };
  }
  const isEnlarged = longerSide(searched) * LEAST_ENLARGED < Math.min(...squares.map(({ size }) => size));
  if (!isEnlarged || isFilled(area, candidates)) return first;
  const plain = candidates.filter(({ body }) => body.score >= PLAIN_SCORE);
  const closer = await lookAt(searched, detectionSquares(searched), {
    area,
    mayBeAlone: candidates.length === 0,
  });
  return {
    ...closer,
    candidates: [...candidates, ...candidatesBeside(plain, closer.candidates)],
    squares: [...first.squares, ...closer.squares],
  };
}

/** Whether somebody who is wanted takes up what is searched. */
function isFilled(area: Area, candidates: readonly Candidate[]): boolean {
  const large = candidates.filter(
    ({ body, isBodySeen }) =>
      isBodySeen && body.score >= PLAIN_SCORE && longerSide(body) > FILLING * longerSide(area.searched),
  );
  return area.wanted(large, ({ body }) => body).length > 0;
}

/** Has the detectors look at a box in those squares. */
async function detect(
  runner: LandmarkRunner,
  searched: Box,
  squares: readonly Region[],
  { area, plan, mayBeAlone, onStep, onRun, withMask }: DetectOptions,
): Promise<Searched> {
  const { networks } = runner;
  const poses = await findPoses(networks, squares, MIN_POSE_SCORE, onRun);
  const lone = mayBeAlone
    ? await findLonePerson(runner, area, plan, { searched, poses: poses.found, onStep, withMask })
    : undefined;
  if (lone) return { candidates: [], squares: poses.squares, lone };
  const { minBodyScore: minScore, maxBodyIou: maxIou } = plan;
  const bodies = await findBodies(networks, squares, { minScore, maxIou }, onRun);
  return {
    candidates: candidatesOf(bodies.found, poses.found, area),
    squares: [...poses.squares, ...bodies.squares],
  };
}

/** Whether an upright square shows something of a box. */
function reaches({ centreX, centreY, size }: Region, box: Box): boolean {
  const square = { left: centreX - size / 2, top: centreY - size / 2, width: size, height: size };
  return overlap(square, box) > 0;
}
