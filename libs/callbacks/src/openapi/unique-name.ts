/** Gives each wanted name if it is free, and else the name with the next free number: `name`, `name_2`, `name_3`. */
export function createNamer(taken: Iterable<string>): (wanted: string) => string {
  const names = new Set(taken);
  return (wanted) => {
    let name = wanted;
    for (let number = 2; names.has(name); number += 1) name = `${wanted}_${number}`;
    names.add(name);
    return name;
  };
}
