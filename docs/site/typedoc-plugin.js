import { Converter, ReflectionKind } from 'typedoc';
import { MarkdownPageEvent } from 'typedoc-plugin-markdown';

const ANCHORED_HEADING = /^<a id="([^"]+)"><\/a>\n+(#+ .+)$/gm;

/** Makes the reference fit its readers, who import entry points, and its site, which gives each heading an anchor. */
export function load({ converter, renderer }) {
  // Modules are called what users import, instead of the folder of their source.
  converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    reflection.name = reflection.name === 'index' ? 'nestjs-callbacks' : `nestjs-callbacks/${reflection.name}`;
  });
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // What classes inherit from TypeScript's library, Nest and others is documented there.
    for (const member of project.getReflectionsByKind(ReflectionKind.ClassMember)) {
      const isForeign = ({ fileName }) => fileName.includes('node_modules');
      if (member.sources?.every(isForeign)) project.removeReflection(member);
    }
    // A parameter that is destructured has the name that its `@param` gives it: `@param options.schema`.
    for (const { parameters = [], comment } of project.getReflectionsByKind(ReflectionKind.SomeSignature)) {
      for (const [index, parameter] of parameters.entries()) {
        if (parameter.name !== '__namedParameters') continue;
        parameter.name = comment?.getTags('@param')[index]?.name?.split('.')[0] ?? 'options';
      }
    }
  });
  // TypeDoc numbers headings that are called alike in an order of its own.
  renderer.on(MarkdownPageEvent.END, (page) => {
    page.contents = page.contents?.replaceAll(ANCHORED_HEADING, '$2 {#$1}');
  });
}
