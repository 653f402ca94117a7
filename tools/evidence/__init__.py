# SPDX-License-Identifier: GPL-2.0-only
"""What the commands of tools/ and plots/ are made of.

Reading     tool (manners), jsonfile, gbench (what Google Benchmark writes), resultset,
            comparable (may two sets be compared)
Judging     inference (tests, intervals), noise (the floor), comparison, gating
            (confirmation), trend, changepoint
Measuring   children (processes), building (two pools in one program), patches,
            contracts (is it right), measuring (interleaved), evaluation (all of it)
Showing     tables, exports (formats), pagedata, trendpage, webpage, web/
            options (what several commands take)
"""
