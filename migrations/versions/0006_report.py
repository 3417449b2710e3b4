"""months of the public report, kept as they were published

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-22

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "monthly_reports",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("declined_for", sa.JSON(), nullable=False),
        sa.Column("median_days", sa.String(12), nullable=True),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("record_number", sa.Integer(), nullable=True),
        sa.Column("record_hash", sa.String(64), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_monthly_reports")),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("monthly_reports")
