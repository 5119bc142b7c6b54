"""An incident's course as a picture for the room."""

from alerting.response.case import CoursePoint
from alerting.slack.picture import ChartData, ChartPoint, svg
from alerting.slack.raster import png


def draw(course: tuple[CoursePoint, ...], _title: str) -> bytes | None:
    """Return a PNG of the topic that has most to show, None where one point is all there is."""
    by_topic: dict[str, list[CoursePoint]] = {}
    for point in course:
        by_topic.setdefault(point.topic, []).append(point)
    topic, points = max(by_topic.items(), key=lambda item: len(item[1]))
    data = ChartData(
        topic=topic,
        points=tuple(
            ChartPoint(
                at=point.at,
                posts_per_min=point.posts_per_min,
                expected_posts_per_min=point.expected_posts_per_min,
                negatives_per_min=point.negatives_per_min,
                expected_negatives_per_min=point.expected_negatives_per_min,
                severity=point.severity,
            )
            for point in sorted(points, key=lambda point: point.at)
        ),
    )
    return png(svg(data))
