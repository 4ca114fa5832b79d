/**
 * Property tests play the same cases each time, so that they never fail by luck; `FAST_CHECK_SEED` plays others, which is
 * worth doing now and then.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 20_261_122) });

export default fc;
