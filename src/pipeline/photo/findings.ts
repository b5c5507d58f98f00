import { MOVENET } from '../../networks/movenet.ts';
import type { PictureSize } from '../../networks/geometry.ts';
import { isSamePose } from '../duplicates.ts';
import { batches } from '../landmark-pass.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import type { Person } from '../person.ts';
import type { Candidate } from './candidates.ts';
import type { Evidence, OnStep, Pass } from './evidence.ts';
import { distinctHypotheses, hypothesesOf, mirroredCandidates } from './hypotheses.ts';
import type { Hypothesis } from './hypotheses.ts';
import type { PhotoPlan } from './qualities.ts';
import { refine } from './refinement.ts';
import type { Refining } from './refinement.ts';

/** What is known of the people of a photo. */
export type Found = Pick<Evidence, 'hypotheses' | 'duplicates' | 'passes' | 'personOf'>;

/** How people are looked at. */
export interface FindingOptions {
  plan: PhotoPlan;
  picture: PictureSize;
  onStep: OnStep;
}

/**
 * The people of a photo, all at once or some after others: what is found of all candidates in the end is the
 * same, and so is every number in it, since no run of a network depends on who else is there.
 */
export class Findings {
  readonly #runner: LandmarkRunner;
  readonly #candidates: readonly Candidate[];
  readonly #options: FindingOptions;
  readonly #hypothesisOf = new Map<Candidate, Hypothesis>();
  /** The same person in the mirror. */
  readonly #mirrored = new Map<Hypothesis, Hypothesis>();
  readonly #refined = new Map<Hypothesis, Refining>();
  readonly #passes: Pass[] = [];
  /** Runs of MoveNet, done and known of. */
  readonly #runs: { done: number; total: number };

  /** @param candidates all that are to be looked at */
  constructor(runner: LandmarkRunner, candidates: readonly Candidate[], options: FindingOptions) {
    this.#runner = runner;
    this.#candidates = candidates;
    this.#options = options;
    this.#runs = { done: 0, total: candidates.length };
  }

  /** Looks at some of the candidates, and says what is known then. */
  async add(candidates: readonly Candidate[]): Promise<Found> {
    const added = await this.#hypothesesOfAll(candidates);
    for (const [candidate, hypothesis] of added) this.#hypothesisOf.set(candidate, hypothesis);
    const { plan, picture, onStep } = this.#options;
    const seen = this.#candidates.flatMap((candidate) => this.#hypothesisOf.get(candidate) ?? []);
    const duplicates = new Map<Hypothesis, Hypothesis>();
    const distinct = distinctHypotheses(seen, (duplicate, original) => duplicates.set(duplicate, original));
    const mirrored = plan.mirrored ? await this.#mirror(distinct) : new Map<Hypothesis, Hypothesis>();
    for (const [original, hypothesis] of mirrored) {
      if (hypothesis.outcome === 'person') duplicates.set(hypothesis, original);
    }
    const hypotheses = [...seen, ...mirrored.values()];
    const personOf = await refine(this.#runner, distinct, plan.passes, {
      picture,
      duplicates,
      onStep,
      refined: this.#refined,
      passes: this.#passes,
      // Nobody knows who of them is somebody else.
      ahead: this.#candidates.length - seen.length,
    });
    dropSamePoses(personOf, duplicates, plan.maxOks);
    for (const [hypothesis, person] of personOf) {
      const same = hypotheses.filter((other) => (duplicates.get(other) ?? other) === hypothesis);
      person.bodies = same.flatMap(({ body, isBodySeen }) => (isBodySeen ? [body] : []));
    }
    return { hypotheses, duplicates, passes: this.#passes, personOf };
  }

  /** What MoveNet makes of people in the mirror, who by whom; nobody is looked at twice. */
  async #mirror(distinct: readonly Hypothesis[]): Promise<Map<Hypothesis, Hypothesis>> {
    const originalOf = mirroredCandidates(distinct.filter((hypothesis) => !this.#mirrored.has(hypothesis)));
    this.#runs.total += originalOf.size;
    for (const [candidate, hypothesis] of await this.#hypothesesOfAll([...originalOf.keys()])) {
      const original = originalOf.get(candidate);
      if (original) this.#mirrored.set(original, hypothesis);
    }
    return new Map(
      distinct.flatMap((hypothesis) => {
        const mirrored = this.#mirrored.get(hypothesis);
        return mirrored ? [[hypothesis, mirrored] as const] : [];
      }),
    );
  }

  /** Runs MoveNet on every candidate. */
  async #hypothesesOfAll(candidates: readonly Candidate[]): Promise<[Candidate, Hypothesis][]> {
    const { networks } = this.#runner;
    const runs = this.#runs;
    const seen: [Candidate, Hypothesis][] = [];
    this.#options.onStep('landmarks', runs.done, runs.total);
    for (const batch of batches(candidates, networks.batchOf(MOVENET))) {
      // One after the other on purpose: one network runs at a time, and a cancelled call stops between runs.
      const hypotheses = await hypothesesOf(networks, batch);
      for (const [index, candidate] of batch.entries()) {
        const hypothesis = hypotheses[index];
        if (hypothesis) seen.push([candidate, hypothesis]);
      }
      runs.done += batch.length;
      this.#options.onStep('landmarks', runs.done, runs.total);
    }
    return seen;
  }
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
