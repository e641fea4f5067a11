/** Returns a function that makes names unique with numbers: `name`, `name_2`, `name_3`. */
export function createNamer(taken: Iterable<string>): (wanted: string) => string {
  const names = new Set(taken);
  const nextNumbers = new Map<string, number>();
  return (wanted) => {
    let number = nextNumbers.get(wanted) ?? 2;
    let name = wanted;
    for (; names.has(name); number += 1) name = `${wanted}_${number}`;
    nextNumbers.set(wanted, number);
    names.add(name);
    return name;
  };
}
