import type { AnalysisDebug, Corner, Corners } from '../schema/analysis.ts';
import type { Duplicates } from './duplicates.ts';
import { regionToPicture, rounded } from '../networks/geometry.ts';
import type { PictureSize, Region } from '../networks/geometry.ts';
import type { Person } from './person.ts';
import type { Sighting } from './photo.ts';
import type { SearchedSquare } from './search.ts';

/** What the pipeline can say of how an answer came about; times are the caller's to add. */
export type Explanation = Omit<AnalysisDebug, 'stages'>;

/** What an analysis went through. */
interface Evidence {
  squares: readonly SearchedSquare[];
  sightings: readonly Sighting[];
  /** What the looks after the first made of each person, and how many there were with it. */
  refined: ReadonlyMap<Person, { person: Person; looks: number }>;
  /** Of the first looks and of those after it. */
  duplicates: Duplicates;
  /** The people of the answer. */
  people: readonly Person[];
}

/** The course of an analysis as data: plain JSON, in the original picture's pixels. */
export function explain(evidence: Evidence, picture: PictureSize): Explanation {
  const { squares, sightings, refined, duplicates, people } = evidence;
  const looks = new Map([...refined.values()].map(({ person, looks: count }) => [person, count]));
  return {
    squares: squares.map(({ detector, square, found }) => ({
      detector,
      corners: cornersOf(square, picture),
      found,
    })),
    regions: sightings.map(({ origin, region, flag, score, outcome, person }) => {
      const before = person && duplicates.get(person);
      const first = before?.original ?? person;
      const final = first && refined.get(first)?.person;
      const after = final && duplicates.get(final);
      const whom = after?.original ?? final;
      const index = whom ? people.indexOf(whom) : -1;
      return {
        origin,
        corners: cornersOf(region, picture),
        flag: rounded(flag, 1e6),
        score: rounded(score, 1e6),
        outcome: before?.outcome ?? after?.outcome ?? outcome,
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
