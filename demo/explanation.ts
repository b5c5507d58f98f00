import type { AnalysisDebug } from 'body21';
import type { Analyser } from './analyser.ts';
import { byId, create } from './dom.ts';
import { lineSample } from './explanation-lines.ts';
import type { LineKind } from './explanation-lines.ts';
import { howFound, outcomeOf, tally, whatDetectorsSaw } from './explanation-words.ts';
import { duration } from './format.ts';
import { selectedPhoto } from './state.ts';
import type { Photo, Store } from './state.ts';
import { words } from './words/words.ts';

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
    this.#legend.append(...KINDS.map((kind) => this.#layer(kind)));
    const choice = byId('explain', HTMLInputElement);
    choice.addEventListener('change', () => store.update({ isExplaining: choice.checked }));
    store.watch(
      (state) => [state.isExplaining],
      (isExplaining) => {
        choice.checked = isExplaining;
      },
    );
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

  /** A line of the legend, which takes the lines of its kind off the picture and puts them back. */
  #layer(kind: LineKind): HTMLLIElement {
    const choice = create('input', { type: 'checkbox', checked: true, autocomplete: 'off' });
    choice.addEventListener('change', () => {
      const others = this.#store.state.hiddenLines.filter((hidden) => hidden !== kind);
      this.#store.update({ hiddenLines: choice.checked ? others : [...others, kind] });
    });
    const label = create('span', {}, words.explanation.lines[kind]);
    return create('li', {}, create('label', { className: 'check' }, choice, lineSample(kind), label));
  }
}

function missing(photo: Photo | undefined): string {
  if (!photo) return words.photo.none;
  if (photo.status === 'failed') return words.photo.failedHere;
  if (photo.status === 'cancelled') return words.explanation.notAnalysed;
  return words.photo.looking;
}

function tell(debug: AnalysisDebug): HTMLElement[] {
  return [
    create('h3', {}, words.explanation.places(debug.regions.length)),
    outcomes(debug),
    create('p', { className: 'note' }, whatDetectorsSaw(debug)),
    stages(debug),
    ...(debug.persons.length > 0 ? [persons(debug)] : []),
  ];
}

/** What became of how many places, each with the line that is around them. */
function outcomes({ regions }: AnalysisDebug): HTMLElement {
  const items = KINDS.flatMap((kind) => {
    const told = regions.map(outcomeOf).filter(({ line }) => line === kind);
    return tally(told).map(([{ say }, n]) =>
      create('li', {}, lineSample(kind), create('span', {}, create('strong', {}, String(n)), ` ${say(n)}`)),
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
    return row([words.stages[stage.stage], bar], duration(stage.ms), String(stage.runs));
  });
  return table(
    words.explanation.times,
    [words.explanation.stage, words.explanation.time, words.explanation.runs],
    body,
    row([words.explanation.together], duration(total), String(runs)),
  );
}

function persons(debug: AnalysisDebug): HTMLElement {
  const body = debug.persons.map(({ passes }, index) =>
    row([words.person(index + 1)], howFound(debug, index), words.explanation.passCount(passes)),
  );
  const people = table(
    words.explanation.persons,
    [words.explanation.who, words.explanation.how, words.explanation.passes],
    body,
  );
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
