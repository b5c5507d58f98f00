import { BLAZEPOSE } from '../../networks/blazepose.ts';
import type { PictureSize } from '../../networks/geometry.ts';
import { MOVENET } from '../../networks/movenet.ts';
import type { PictureRegion } from '../../schema/picture-region.ts';
import type { FoundPerson, PersonInfo } from '../../schema/result.ts';
import { personInfo } from '../answer.ts';
import type { AnswerOptions } from '../answer.ts';
import { areaOf } from '../area.ts';
import type { Area } from '../area.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import type { Networks } from '../networks.ts';
import type { Person } from '../person.ts';
import { locate } from '../location.ts';
import { isSure } from '../scores.ts';
import type { Evidence, OnStep } from './evidence.ts';
import { Findings } from './findings.ts';
import type { Found } from './findings.ts';
import { explain } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { search } from './search.ts';
import { teller } from './telling.ts';
import { inTurns } from './turns.ts';
import { planForGrey } from './qualities.ts';
import type { PhotoPlan } from './qualities.ts';

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

/** What is wanted of a photo. */
export interface PhotoOptions extends AnswerOptions {
  /** What of it is to be looked at. Default: all. */
  region?: PictureRegion | undefined;
  /** The most people that are wanted. Default: all. */
  maxPersons?: number | undefined;
  onStep?: OnStep;
  /**
   * Another look at the people of the answer, in their order. Who is told of before all are known has not had
   * it.
   */
  lookAgain?: (people: readonly Person[]) => Promise<readonly Person[]>;
  /** Told of people before all are known, who are then looked at in turns. */
  onPerson?: ((found: FoundPerson) => void) | undefined;
}

interface GatheringOptions {
  area: Area;
  maxPersons: number;
  onStep: OnStep;
  withMask: boolean;
  /** Told between two turns who is known and wanted. */
  tell: ((found: Found, wanted: readonly Person[]) => void) | undefined;
}

/**
 * Everyone in a photo.
 * @throws BodyAnalysisError `invalid-option` where the region lies outside of the photo
 */
export async function analysePhoto(
  networks: Networks,
  picture: Photo,
  plan: PhotoPlan,
  { onStep = () => {}, onPerson, lookAgain, region, maxPersons = Infinity, ...answer }: PhotoOptions,
): Promise<PhotoAnalysis> {
  const runner: LandmarkRunner = { networks, landmarks: BLAZEPOSE[answer.model] };
  const evidence = await gather(runner, picture, picture.isGrey ? planForGrey(plan) : plan, {
    area: areaOf(picture, region),
    maxPersons,
    onStep,
    tell: onPerson && teller(onPerson, (person) => personInfo(person, picture, answer)),
    withMask: answer.extras?.includes('mask') ?? false,
  });
  const people = lookAgain ? await lookAgain(evidence.people) : evidence.people;
  return {
    people: people.map((person) => personInfo(person, picture, answer)),
    explanation: explain(evidence, picture),
  };
}

async function gather(
  runner: LandmarkRunner,
  picture: PictureSize,
  plan: PhotoPlan,
  { area, maxPersons, onStep, withMask, tell }: GatheringOptions,
): Promise<Evidence> {
  const { candidates, squares, lone } = await search(runner, picture, { area, plan, onStep, withMask });
  if (lone) return { ...NOTHING, ...lone, squares };
  const findings = new Findings(runner, candidates, { plan, picture, onStep });
  const areInTurns = tell !== undefined || maxPersons < Infinity;
  const turns = areInTurns ? inTurns(candidates, runner.networks.batchOf(MOVENET)) : [candidates];
  const wantedOf = ({ personOf }: Found) => {
    const everyone = [...personOf.values()].toSorted((a, b) => b.score - a.score);
    return area.wanted(everyone, (person) => locate(person, picture));
  };
  let found = await findings.add(turns[0] ?? []);
  for (const turn of turns.slice(1)) {
    const wanted = wantedOf(found);
    tell?.(found, wanted);
    if (wanted.filter(isSure).length >= maxPersons) break;
    found = await findings.add(turn);
  }
  const people = wantedOf(found).slice(0, maxPersons);
  const leftOut = [...found.personOf.values()].filter((person) => !people.includes(person));
  return { ...found, squares, people, leftOut: new Set(leftOut) };
}

const NOTHING = {
  hypotheses: [],
  duplicates: new Map(),
  personOf: new Map(),
  leftOut: new Set<Person>(),
};
