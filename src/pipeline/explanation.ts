import type { AnalysisDebug, Corner, Corners, RegionOutcome } from '../schema/analysis.ts';
import { regionToPicture } from './geometry.ts';
import type { PictureSize, Region } from './geometry.ts';
import type { Person } from './person.ts';
import type { Sighting } from './photo.ts';
import type { SearchedSquare } from './search.ts';

/** What the pipeline can say of how an answer came about; times are the caller's to add. */
export type Explanation = Omit<AnalysisDebug, 'stages'>;

/** What an analysis went through. */
interface Course {
  squares: readonly SearchedSquare[];
  sightings: readonly Sighting[];
  /** What the looks after the first made of each person, and how many there were with it. */
  refined: ReadonlyMap<Person, { person: Person; looks: number }>;
  /** People who turned out to be someone else only then. */
  again: ReadonlyMap<Person, { original: Person; outcome: RegionOutcome }>;
  /** The people of the answer. */
  people: readonly Person[];
}

/** The course of an analysis as data: plain JSON, in the original picture's pixels. */
export function explain(course: Course, picture: PictureSize): Explanation {
  const { squares, sightings, refined, again, people } = course;
  const looks = new Map([...refined.values()].map(({ person, looks: count }) => [person, count]));
  return {
    squares: squares.map(({ detector, square, found }) => ({
      detector,
      corners: cornersOf(square, picture),
      found,
    })),
    regions: sightings.map((sighting) => {
      const { origin, region, flag, score, person } = sighting;
      const kept = sighting.original ?? person;
      const final = kept && refined.get(kept)?.person;
      const twin = final && again.get(final);
      const whom = twin?.original ?? final;
      const index = whom ? people.indexOf(whom) : -1;
      return {
        origin,
        corners: cornersOf(region, picture),
        flag: rounded(flag, 1e6),
        score: rounded(score, 1e6),
        outcome: sighting.outcome === 'person' && twin ? twin.outcome : sighting.outcome,
        ...(index >= 0 ? { person: index } : {}),
      };
    }),
    persons: people.map((person) => ({
      score: rounded(person.score, 1e6),
      looks: looks.get(person) ?? 1,
    })),
  };
}

function cornersOf(region: Region, { width, height, originalWidth, originalHeight }: PictureSize): Corners {
  const corner = (u: number, v: number): Corner => {
    const { x, y } = regionToPicture({ ...region, mirrored: false }, u, v);
    return [rounded((x * originalWidth) / width, 100), rounded((y * originalHeight) / height, 100)];
  };
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
}

/** Rounded to one part of that many; numbers that are none, which models may give, become 0. */
function rounded(value: number, parts: number): number {
  return Number.isFinite(value) ? Math.round(value * parts) / parts : 0;
}
