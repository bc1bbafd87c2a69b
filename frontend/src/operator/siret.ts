/** SIRET numbers, checked as they are typed: 14 digits whose Luhn sum is a multiple of ten (Insee); La Poste's have their own rule. */
const LA_POSTE = '356000000';

export const digitsOf = (typed: string) => typed.replaceAll(/\s/g, '');

export function isSiret(typed: string): boolean {
  const digits = digitsOf(typed);
  if (!/^[0-9]{14}$/.test(digits)) return false;
  const isLuhn = sum(digits, 2) % 10 === 0;
  return isLuhn || (digits.startsWith(LA_POSTE) && sum(digits, 1) % 5 === 0);
}

function sum(digits: string, weight: number): number {
  let total = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 ? weight : 1);
    total += value > 9 ? value - 9 : value;
  }
  return total;
}

/** « 211 703 060 00017 », as Insee groups it. */
export const grouped = (siret: string) => siret.replace(/^(\d{3})(\d{3})(\d{3})(\d{5})$/, '$1 $2 $3 $4');
