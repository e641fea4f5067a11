import { describe, expect, it } from '@jest/globals';
import { plainToInstance, Type } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsInt, IsOptional, validate, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { checkReply, liftLists } from './check-reply.js';

class Item {
  @IsInt() count!: number;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Item) parts?: Item[];
}

class Box {
  @ValidateNested({ each: true }) @Type(() => Item) items!: Item[];
}

class Reply {
  @IsArray() @ArrayMaxSize(3) @ValidateNested({ each: true }) @Type(() => Item) items!: Item[];
  @IsOptional() @ArrayUnique() @ValidateNested({ each: true }) @Type(() => Item) unique?: Item[];
  @IsOptional() @ValidateNested() @Type(() => Box) box?: Box;
}

const reply = (plain: object) => plainToInstance(Reply, plain);

describe('the items of a list', () => {
  it('are removed at any depth of objects, and put back', async () => {
    const value = reply({ items: [{ count: 1 }], box: { items: [{ count: 2 }, { count: 3 }] } });
    const { items, restore } = await liftLists({ value, path: '' });
    expect(items.map(({ path }) => path)).toEqual(['items[0]', 'box.items[0]', 'box.items[1]']);
    expect(value.items).toHaveLength(1);
    expect(0 in value.items).toBe(false);
    restore();
    expect(value).toEqual(reply({ items: [{ count: 1 }], box: { items: [{ count: 2 }, { count: 3 }] } }));
  });

  it('stay in a list that has other rules', async () => {
    const value = reply({ items: [], unique: [{ count: 1 }] });
    expect((await liftLists({ value, path: '' })).items).toEqual([]);
    expect(value.unique).toHaveLength(1);
  });
});

it('finds the same issues as class-validator', async () => {
  const { item } = fc.letrec<{ item: object }>((tie) => ({
    item: fc.record(
      {
        count: fc.constantFrom<unknown>(1, 2, 'x'),
        parts: fc.oneof(
          fc.constant(null),
          fc.array(fc.oneof(tie('item'), fc.constantFrom<unknown>(null, 7)), { maxLength: 2 }),
        ),
      },
      { requiredKeys: [] },
    ),
  }));
  const items = fc.array(
    fc.oneof({ weight: 9, arbitrary: item }, { weight: 1, arbitrary: fc.array(item, { maxLength: 2 }) }),
    {
      maxLength: 4,
    },
  );
  const plain = fc.record(
    { items: fc.oneof(items, fc.constant(5)), unique: items, box: fc.record({ items }) },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(plain, async (json) => {
      const errors = await validate(reply(structuredClone(json)), { forbidUnknownValues: false });
      const checked = await checkReply({ type: Reply }, structuredClone(json));
      expect('issues' in checked).toBe(errors.length > 0);
      if ('value' in checked) expect(checked.value).toEqual(reply(json));
    }),
    { numRuns: 300 },
  );
});
