/** Stands in until `nest build` writes this file. */
export default async () => ({});
