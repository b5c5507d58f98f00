import { byId } from './dom.ts';
import { connectSegments } from './segments.ts';
import { ANSWER_FORMS, selectedPhoto, SNIPPET_KINDS } from './state.ts';
import type { Store } from './state.ts';
import { snippet } from './take-away/snippets.ts';
import { words } from './words/words.ts';

/** The switches over the answer: JSON or code, of whom, for what; and the button that copies what is shown. */
export function connectAnswerForms(store: Store): void {
  const forms = connectSegments('answer-as', ANSWER_FORMS, (answerAs) => store.update({ answerAs }));
  const kinds = connectSegments('snippet', SNIPPET_KINDS, (kind) => store.update({ snippet: kind }));
  const who = connectSegments('who', ['valid', 'everyone'], (name) =>
    store.update({ isEveryone: name === 'everyone' }),
  );
  const copy = byId('copy', HTMLButtonElement);
  const json = byId('json', HTMLPreElement);
  const code = byId('code', HTMLPreElement);

  store.watch(
    (state) => [state.answerAs, state.snippet, state.isEveryone],
    (answerAs, kind, isEveryone) => {
      forms(answerAs);
      kinds(kind);
      who(isEveryone ? 'everyone' : 'valid');
      const isCode = answerAs === 'code';
      byId('snippet', HTMLFieldSetElement).hidden = !isCode;
      code.hidden = !isCode;
      json.hidden = isCode;
    },
  );
  store.watch(
    (state) => [
      selectedPhoto(state)?.name,
      state.snippet,
      state.model,
      state.quality,
      state.backend,
      state.thresholds,
      state.isExplaining,
      state.isEveryone,
    ],
    (name = 'photo.jpg', kind, model, quality, backend, thresholds, isExplaining, isEveryone) => {
      code.textContent = snippet(kind, {
        name,
        model,
        quality,
        backend,
        thresholds,
        isExplaining,
        isEveryone,
      });
    },
  );
  store.watch(
    (state) => [state.answerAs, selectedPhoto(state)?.answer],
    (answerAs, answer) => {
      copy.disabled = answerAs === 'json' && !answer;
    },
  );
  copy.addEventListener('click', () => {
    const isCode = store.state.answerAs === 'code';
    void copyText(
      (isCode ? code : json).textContent,
      isCode ? words.photo.codeCopied : words.photo.jsonCopied,
    );
  });

  async function copyText(text: string, done: string): Promise<void> {
    let notice = done;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      notice = words.photo.notCopied;
    }
    store.update({ notice });
  }
}
