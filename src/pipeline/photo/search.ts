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

/** Poses of the pose detector that are surer tell who is alone, and who lies or is upside down. */
const MIN_POSE_SCORE = 0.2;
/** A part that a detector sees enlarged by less shows it nobody else. */
const LEAST_ENLARGED = 1.5;
/** Of a part that somebody takes up by so much, in longer sides, nobody small is expected. */
const FILLING = 0.5;

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
  const isEnlarged = longerSide(searched) * LEAST_ENLARGED < longerSide(whole);
  const squaresOfWhole = detectionSquares(whole).filter((square) => reaches(square, searched));
  const squaresOfPart = isEnlarged && !person ? detectionSquares(searched) : [];
  // Two detectors.
  const steps = { done: 0, total: 2 * (squaresOfWhole.length + squaresOfPart.length) };
  const onRun = () => onStep('detect', ++steps.done, steps.total);
  onStep('detect', 0, steps.total);
  const first = await detect(runner, whole, squaresOfWhole, {
    ...options,
    // The whole ends where the picture does.
    area: { ...area, cuts: () => false },
    mayBeAlone: true,
    onStep,
    onRun,
  });
  if (first.lone) return first;
  const { candidates } = first;
  if (person) {
    const before = candidatesBeside(candidates, candidatesOfPerson(area, person));
    return { ...first, candidates: [...candidates, ...before] };
  }
  const isFilled = candidates.some(({ body }) => longerSide(body) > FILLING * longerSide(searched));
  if (squaresOfPart.length === 0 || isFilled) return first;
  const closer = await detect(runner, searched, squaresOfPart, {
    ...options,
    area,
    mayBeAlone: candidates.length === 0,
    onStep,
    onRun,
  });
  return {
    ...closer,
    candidates: [...candidates, ...candidatesBeside(candidates, closer.candidates)],
    squares: [...first.squares, ...closer.squares],
  };
}

/** Has the detectors look at a box in those squares. */
async function detect(
  runner: LandmarkRunner,
  searched: Box,
  squares: readonly Region[],
  {
    area,
    plan,
    mayBeAlone,
    onStep,
    onRun,
    withMask,
  }: SearchOptions & { mayBeAlone: boolean; onRun: () => void },
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
