import fc from "../../support/properties.ts";
import { durationSeconds } from "../../../service/domain/durations.ts";

describe("an ISO 8601 duration", () => {
  it.each([
    ["PT1H", 3_600],
    ["PT90M", 5_400],
    ["P14D", 14 * 86_400],
    ["P2W", 14 * 86_400],
    ["P1DT2H3M4S", 93_784],
    ["PT0S", 0],
  ])("%s is %d seconds", (duration, seconds) => {
    expect(durationSeconds(duration)).toBe(seconds);
  });

  it.each(["", "P", "PT", "P1Y", "P1M", "1H", "PT1.5H", "-PT1H", "P1W1D", "P1DT", "pt1h", "PT1H ", "PT9999999H"])(
    "%p is none",
    (duration) => {
      expect(durationSeconds(duration)).toBeNull();
    },
  );

  it("adds up its parts", () => {
    const part = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(part, part, part, part, (days, hours, minutes, seconds) => {
        expect(durationSeconds(`P${String(days)}DT${String(hours)}H${String(minutes)}M${String(seconds)}S`)).toBe(
          days * 86_400 + hours * 3_600 + minutes * 60 + seconds,
        );
      }),
    );
  });
});
