// Stands where the chart library would: this build was made without npm. The page says so.
export const createChart = null;
