# SPDX-License-Identifier: GPL-2.0-only
"""What the commands of tools/ and plots/ are made of.

All         tool (manners), stopping (signals), children (processes), git, cache,
            options (what several commands take)
Reading     jsonfile, gbench (what Google Benchmark writes), resultset, comparable (may
            two sets be compared)
Judging     inference (tests, intervals), noise (the floor), comparison, gating
            (confirmation), standings (who is first), trend, changepoint
Patches     intake (files and folders), mails (what is in them), applying, patches (the
            pool before and after)
Measuring   building (two pools in one program), progress, contracts (is it right),
            measuring (interleaved), evaluation (all of it)
Showing     tables, closing (words), exports (formats), pagedata, trendpage, webpage, web/
"""
