import { Converter, ReflectionKind } from 'typedoc';
import { MarkdownPageEvent } from 'typedoc-plugin-markdown';

const ANCHORED_HEADING = /^<a id="([^"]+)"><\/a>\n+(#+ .+)$/gm;

/** Adapts the reference to its readers, who import entry points, and to the site, where each heading has an anchor. */
export function load({ converter, renderer }) {
  // The name of a module is what users import, not the folder of its source.
  converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    reflection.name = reflection.name === 'index' ? 'nestjs-callbacks' : `nestjs-callbacks/${reflection.name}`;
  });
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // Members that are inherited from TypeScript's library, Nest and other packages are documented there.
    for (const member of project.getReflectionsByKind(ReflectionKind.ClassMember)) {
      const isForeign = ({ fileName }) => fileName.includes('node_modules');
      if (member.sources?.every(isForeign)) project.removeReflection(member);
    }
    // A destructured parameter gets the name in its `@param`, such as `@param options.schema`.
    for (const { parameters = [], comment } of project.getReflectionsByKind(ReflectionKind.SomeSignature)) {
      for (const [index, parameter] of parameters.entries()) {
        if (parameter.name !== '__namedParameters') continue;
        parameter.name = comment?.getTags('@param')[index]?.name?.split('.')[0] ?? 'options';
      }
    }
  });
  // TypeDoc numbers headings with the same name in its own order.
  renderer.on(MarkdownPageEvent.END, (page) => {
    page.contents = page.contents?.replaceAll(ANCHORED_HEADING, '$2 {#$1}');
  });
}
