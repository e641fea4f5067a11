/** The components that have become paths of the receiver's document. */
const WRITTEN_AS_PATHS = new Set(['callbacks', 'pathItems']);

/** Whether a reference, by its tokens, leads into a component that the receiver's document can have too. */
export function isKeptComponent([root, section]: readonly string[]): boolean {
  return root === 'components' && section !== undefined && !WRITTEN_AS_PATHS.has(section);
}
