// Written by scripts/generate-presets.ts from the files above.
export const PRESETS = {
  "australia-federal": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    },
    {
      "name": "hosted-weights",
      "deny": {
        "developer": "deepseek",
        "except": {
          "local": true
        }
      }
    }
  ],
  "czech-public-sector": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    },
    {
      "name": "weights",
      "deny": {
        "developer": "deepseek"
      }
    }
  ],
  "deepseek-everywhere": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    },
    {
      "name": "weights",
      "deny": {
        "developer": "deepseek",
        "derived": true
      }
    }
  ],
  "deepseek-service-only": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    }
  ],
  "eu-gdpr": [
    {
      "name": "in-the-eea",
      "require": {
        "anyOf": [
          {
            "region": [
              "EU",
              "AT",
              "BE",
              "BG",
              "CY",
              "CZ",
              "DE",
              "DK",
              "EE",
              "ES",
              "FI",
              "FR",
              "GR",
              "HR",
              "HU",
              "IE",
              "IS",
              "IT",
              "LI",
              "LT",
              "LU",
              "LV",
              "MT",
              "NL",
              "NO",
              "PL",
              "PT",
              "RO",
              "SE",
              "SI",
              "SK"
            ]
          },
          {
            "local": true
          }
        ]
      }
    },
    {
      "name": "no-operator-in-china",
      "deny": {
        "operatorCountry": "CN",
        "except": {
          "local": true
        }
      }
    }
  ],
  "italy-garante": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    }
  ],
  "korea-finance": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    },
    {
      "name": "weights",
      "deny": {
        "developer": "deepseek",
        "derived": true
      }
    },
    {
      "name": "in-korea",
      "require": {
        "anyOf": [
          {
            "region": "KR"
          },
          {
            "local": true
          }
        ]
      }
    },
    {
      "name": "no-training",
      "require": {
        "anyOf": [
          {
            "trainsOnData": false
          },
          {
            "local": true
          }
        ]
      }
    }
  ],
  "korea-public-sector": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    },
    {
      "name": "weights",
      "deny": {
        "developer": "deepseek",
        "derived": true
      }
    }
  ],
  "korea-sovereign-lenient": [
    {
      "name": "korean-maker",
      "require": {
        "developer": [
          "kakao",
          "naver",
          "lg",
          "skt",
          "kt",
          "upstage"
        ]
      }
    },
    {
      "name": "in-korea",
      "require": {
        "anyOf": [
          {
            "region": "KR"
          },
          {
            "local": true
          }
        ]
      }
    }
  ],
  "korea-sovereign": [
    {
      "name": "korean-maker",
      "require": {
        "developer": [
          "kakao",
          "naver",
          "lg",
          "skt",
          "kt",
          "upstage"
        ]
      }
    },
    {
      "name": "no-foreign-lineage",
      "require": {
        "lineage": []
      }
    },
    {
      "name": "in-korea",
      "require": {
        "anyOf": [
          {
            "region": "KR"
          },
          {
            "local": true
          }
        ]
      }
    }
  ],
  "no-noncommercial-licence": [
    {
      "name": "commercial",
      "deny": {
        "license": [
          "cc-by-nc*",
          "*noncommercial*",
          "*research-only*",
          "licenseref-exaone-*nc"
        ]
      }
    }
  ],
  "no-training": [
    {
      "name": "does-not-train",
      "require": {
        "anyOf": [
          {
            "trainsOnData": false
          },
          {
            "local": true
          }
        ]
      }
    }
  ],
  "taiwan-public-sector": [
    {
      "name": "service",
      "deny": {
        "operator": "deepseek",
        "except": {
          "local": true
        }
      }
    },
    {
      "name": "weights",
      "deny": {
        "developer": "deepseek"
      }
    }
  ],
  "us-ndaa-1532": [
    {
      "name": "operators",
      "deny": {
        "operatorCountry": [
          "CN",
          "RU",
          "IR",
          "KP"
        ],
        "except": {
          "local": true
        }
      }
    },
    {
      "name": "makers",
      "deny": {
        "developer": [
          "deepseek",
          "alibaba",
          "zai",
          "moonshot",
          "minimax",
          "stepfun",
          "xiaomi",
          "tencent",
          "baidu",
          "bytedance",
          "inclusionai",
          "meituan",
          "01-ai"
        ],
        "derived": true
      }
    }
  ]
} as const
