/** The conditions of a query and their parameters, gathered one by one. */
export class Conditions {
  private readonly terms: string[] = [];
  readonly parameters: unknown[] = [];

  /** Adds a condition unless its value is undefined. `?` stands for the value. */
  add(term: string, value: unknown): this {
    if (value !== undefined) this.terms.push(term.replaceAll('?', this.parameter(value)));
    return this;
  }

  /** Adds a condition that has no value. */
  always(term: string): this {
    this.terms.push(term);
    return this;
  }

  /** @returns the placeholder for a value */
  parameter(value: unknown): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  where(): string {
    return this.terms.length === 0 ? '' : `WHERE ${this.terms.join(' AND ')}`;
  }
}
