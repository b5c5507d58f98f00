import { Comment, CommentTag, Converter } from 'typedoc';

/** What a reader wants to do, by where what serves it is written; the first that fits. */
const TASKS = [
  [/\/client\/aip\.ts$/, 'Drop-in for the SDK'],
  [/\/schema\/errors\.ts$/, 'Errors'],
  [/\/schema\/(?:result|parse|validity|body-parts|analysis|definition|tracking|index)\.ts$/, 'Results'],
  [/\/(?:client|source|schema)\//, 'Client'],
  [/\/draw\//, 'Drawing'],
  [/\/export\//, 'Export'],
  [/\/measure\//, 'Measuring'],
];

/** Groups the reference by task, so that no symbol has to say where it belongs. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const symbol of project.children ?? []) {
      const file = symbol.sources?.[0]?.fullFileName ?? '';
      const [, task] = TASKS.find(([pattern]) => pattern.test(file)) ?? [];
      if (task === undefined) throw new Error(`${symbol.name} of ${file} serves no task.`);
      // A function's comments are those of its signatures.
      for (const commented of symbol.signatures ?? [symbol]) {
        commented.comment ??= new Comment();
        commented.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: task }]));
      }
    }
  });
  // Where it is written helps whoever works on the library, not who uses it.
  app.converter.on(Converter.EVENT_END, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) delete reflection.sources;
    app.options.setValue('disableSources', true);
  });
}
