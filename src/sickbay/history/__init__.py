"""The history: a store of builds, jobs, test results and causes, and how it is read."""
