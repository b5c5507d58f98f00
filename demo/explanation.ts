import type { AnalysisDebug } from 'body21';
import type { Analyser } from './analyser.ts';
import { byId, create } from './dom.ts';
import { LINES, lineSample } from './explanation-lines.ts';
import type { LineKind } from './explanation-lines.ts';
import { howFound, outcomeOf, placesLookedAt, tally, whatDetectorsSaw } from './explanation-words.ts';
import { count, duration, STAGES } from './format.ts';
import { selectedPhoto } from './state.ts';
import type { Photo, Store } from './state.ts';

/** In the order in which they are told. */
const KINDS: readonly LineKind[] = ['person', 'closer', 'again', 'dropped', 'square'];

/** How the people of the photo on show were found, in words, and what the lines on the picture mean. */
export class Explanation {
  readonly #store: Store;
  readonly #analyser: Analyser;
  readonly #section = byId('explanation', HTMLElement);
  readonly #content = byId('explanation-content', HTMLElement);
  readonly #legend = byId('legend', HTMLUListElement);

  constructor(store: Store, analyser: Analyser) {
    this.#store = store;
    this.#analyser = analyser;
  }

  connect(): void {
    const store = this.#store;
    this.#legend.append(
      ...KINDS.map((kind) => create('li', {}, lineSample(kind), create('span', {}, LINES[kind].label))),
    );
    const choice = byId('explain', HTMLInputElement);
    choice.addEventListener('change', () => store.update({ isExplaining: choice.checked }));
    store.watch(
      (state) => [selectedPhoto(state), state.isExplaining],
      (photo, isExplaining) => {
        const debug = photo?.answer?.result.debug;
        this.#section.hidden = !isExplaining;
        this.#legend.hidden = !isExplaining || !debug;
        if (!isExplaining) return;
        this.#content.replaceChildren(...(debug ? tell(debug) : [create('p', {}, missing(photo))]));
        // Photos that were analysed without it are analysed again as soon
        // as they are looked at, and not before.
        if (photo?.status === 'done' && photo.answer?.isExplained === false) this.#analyser.again(photo.id);
      },
    );
  }
}

function missing(photo: Photo | undefined): string {
  if (!photo) return 'There is no photo yet.';
  if (photo.status === 'failed') return 'This photo could not be analysed.';
  if (photo.status === 'cancelled') return 'This photo was not analysed for it.';
  return 'Looking…';
}

function tell(debug: AnalysisDebug): HTMLElement[] {
  return [
    create('h3', {}, placesLookedAt(debug)),
    outcomes(debug),
    create('p', { className: 'note' }, whatDetectorsSaw(debug)),
    stages(debug),
    ...(debug.persons.length > 0 ? [persons(debug)] : []),
  ];
}

/** `2 became people: MoveNet placed 17 points on each`, … each with the line that is around them. */
function outcomes({ regions }: AnalysisDebug): HTMLElement {
  const items = KINDS.flatMap((kind) => {
    const told = regions.map(outcomeOf).filter(({ line }) => line === kind);
    return tally(told).map(
      ([
        {
          words: [one, many],
        },
        n,
      ]) =>
        create(
          'li',
          {},
          lineSample(kind),
          create('span', {}, create('strong', {}, String(n)), ` ${n === 1 ? one : many}`),
        ),
    );
  });
  return create('ul', { className: 'outcomes' }, ...items);
}

function stages({ stages: all }: AnalysisDebug): HTMLElement {
  const longest = Math.max(...all.map(({ ms }) => ms));
  const total = all.reduce((sum, { ms }) => sum + ms, 0);
  const runs = all.reduce((sum, stage) => sum + stage.runs, 0);
  const body = all.map((stage) => {
    const bar = create('span', { className: 'time-bar' });
    bar.style.setProperty('--share', longest > 0 ? `${(100 * stage.ms) / longest}%` : '0%');
    return row([STAGES[stage.stage], bar], duration(stage.ms), String(stage.runs));
  });
  return table(
    'Where the time went',
    ['Stage', 'Time', 'Model runs'],
    body,
    row(['together'], duration(total), String(runs)),
  );
}

function persons(debug: AnalysisDebug): HTMLElement {
  const body = debug.persons.map(({ passes }, index) =>
    row([`Person ${index + 1}`], howFound(debug, index), count(passes, 'time', 'times')),
  );
  const people = table('Each person', ['Who', 'How', 'Looked at by BlazePose'], body);
  people.className = 'people';
  return people;
}

function row(name: (Node | string)[], ...values: string[]): HTMLTableRowElement {
  return create(
    'tr',
    {},
    create('th', { scope: 'row' }, ...name),
    ...values.map((value) => create('td', {}, value)),
  );
}

function table(
  caption: string,
  heads: readonly string[],
  body: readonly HTMLTableRowElement[],
  foot?: HTMLTableRowElement,
): HTMLTableElement {
  return create(
    'table',
    {},
    create('caption', {}, caption),
    create('thead', {}, create('tr', {}, ...heads.map((head) => create('th', { scope: 'col' }, head)))),
    create('tbody', {}, ...body),
    ...(foot ? [create('tfoot', {}, foot)] : []),
  );
}
