// Stand-in
export async function benchMicro(): Promise<boolean> {
  return true;
}
